import type { Log } from '../../../src/core/log.ts';

/** A log and, as objects, what it was told. */
export function recordingLog() {
  const lines: Record<string, unknown>[] = [];
  const at = (level: string) => (details: object, message: string) => {
    lines.push({ level, message, ...details });
  };
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { log, lines };
}
