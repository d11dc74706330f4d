import { join } from 'node:path';
import { ConfigError, loadConfig } from '../core/config/load.ts';
import { applyOverrides, type Override } from '../core/config/overrides.ts';
import type { ConfigTable } from '../core/config/table.ts';
import { LOG_LEVELS, type LogFormat, type LogLevel } from '../daemon/log-options.ts';
import { OperatorError } from '../daemon/operator-error.ts';
import { type Exposure, type ExposureFlags, resolveExposure } from './exposure.ts';
import { resolveLoopbackHost } from './loopback-host.ts';
import type { ServerTable } from './server-table.ts';

/** Flags of `serve` that have a counterpart in the environment or in `config.toml`. */
export interface SettingFlags extends ExposureFlags {
  readonly host?: string;
  readonly port?: number;
  /** `false` is `--no-socket`. */
  readonly socket?: string | false;
  readonly logLevel?: LogLevel;
  readonly logFormat?: LogFormat;
}

export interface Settings {
  /** A literal loopback address. */
  readonly host: string;
  readonly port: number;
  /** `undefined` is the default place, `false` is none. */
  readonly socket: string | false | undefined;
  readonly logLevel: LogLevel;
  /** `undefined` leaves the choice to what stderr is. */
  readonly logFormat: LogFormat | undefined;
  readonly drainMs: number;
  /** 0 is never. */
  readonly unloadAfterMs: number;
  /** 0 is never. */
  readonly approvalTimeoutMs: number;
  readonly exposure: Exposure;
}

/**
 * Flag beats environment beats `config.toml` beats default; `-c` counts as a flag, behind the one made for the setting.
 *
 * @throws {OperatorError} for a wrong value in the environment or in the table `server`, and for a file that cannot be read
 * @throws {UsageError} for a host that is not loopback, and for a name, origin or network that cannot be one
 */
export async function resolveSettings(
  flags: SettingFlags,
  overrides: readonly Override[],
  env: NodeJS.ProcessEnv,
  codexHome: string,
): Promise<Settings> {
  const given = await readServerTable(applyOverrides({}, overrides), '-c');
  const file = await readServerTable(await readConfig(codexHome), join(codexHome, 'config.toml'));
  return {
    host: await resolveLoopbackHost(flags.host ?? given.host ?? file.host ?? '127.0.0.1'),
    port: flags.port ?? given.port ?? file.port ?? 4517,
    socket: flags.socket ?? given.socket ?? file.socket,
    logLevel: flags.logLevel ?? given.log_level ?? logLevelOf(env) ?? file.log_level ?? 'info',
    logFormat: flags.logFormat ?? given.log_format ?? file.log_format,
    drainMs: (given.drain_seconds ?? file.drain_seconds ?? 30) * 1000,
    unloadAfterMs: (given.unload_seconds ?? file.unload_seconds ?? 60) * 1000,
    approvalTimeoutMs: (given.approval_timeout_seconds ?? file.approval_timeout_seconds ?? 0) * 1000,
    exposure: resolveExposure(flags, given, file),
  };
}

function logLevelOf(env: NodeJS.ProcessEnv): LogLevel | undefined {
  const value = env.CODEXD_LOG;
  if (!value) return undefined;
  const level = LOG_LEVELS.find((known) => known === value);
  if (level === undefined)
    throw new OperatorError(`CODEXD_LOG: ${value} is none of ${LOG_LEVELS.join(', ')}.`);
  return level;
}

async function readConfig(codexHome: string): Promise<ConfigTable> {
  try {
    return await loadConfig(codexHome);
  } catch (error) {
    throw error instanceof ConfigError ? new OperatorError(error.message, { cause: error }) : error;
  }
}

/** Most homes have no such table, and then the start does not wait for the schema. */
async function readServerTable(config: ConfigTable, source: string): Promise<ServerTable> {
  if (config.server === undefined) return {};
  const { parseServerTable } = await import('./server-table.ts');
  return parseServerTable(config.server, source);
}
