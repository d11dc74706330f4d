import { z } from 'zod';
import { LOG_FORMATS, LOG_LEVELS } from '../daemon/log-options.ts';
import { OperatorError } from '../daemon/operator-error.ts';

/** The table `[server]` of `config.toml`, which the Codex CLI passes over. Keys that are not known are ignored. */
const ServerTable = z.object({
  host: z.string().optional(),
  port: z.int().min(0).max(65_535).optional(),
  /** `false` for none. */
  socket: z.union([z.string(), z.literal(false)]).optional(),
  log_level: z.enum(LOG_LEVELS).optional(),
  log_format: z.enum(LOG_FORMATS).optional(),
  allowed_hosts: z.array(z.string()).optional(),
  allowed_origins: z.array(z.string()).optional(),
  public_url: z.string().optional(),
  trust_proxy: z.array(z.string()).optional(),
  /** How long running turns may go on after the first signal. */
  drain_seconds: z.number().min(0).max(3600).optional(),
  /** How long a conversation stays in memory that nobody uses; 0 is for ever. */
  unload_seconds: z.number().min(0).max(1_000_000).optional(),
  /** After how long without a listener a question is denied; 0 is never. */
  approval_timeout_seconds: z.number().min(0).max(1_000_000).optional(),
});
export type ServerTable = z.infer<typeof ServerTable>;

/**
 * @param source named in the error: a file or a flag
 * @throws {OperatorError} names each key with a wrong value
 */
export function parseServerTable(table: unknown, source: string): ServerTable {
  const parsed = ServerTable.safeParse(table);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${['server', ...path].join('.')}: ${message}`,
  );
  throw new OperatorError(`${source}: ${problems.join('; ')}`);
}
