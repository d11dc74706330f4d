import path from 'node:path';
import type { Config } from '../config/types.ts';
import type { Host } from '../host.ts';
import { commandEnvironment } from './environment.ts';
import { runCommand, SpawnError } from './run.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

export interface OneOffCommand {
  readonly command: readonly string[];
  readonly cwd: string | undefined;
  readonly timeoutMs: number | undefined;
}

export interface OneOffResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command did not come to an exit code; the message is the reference's (protocol-v1, section 21). */
export class OneOffError extends Error {
  constructor(reason: string, cause?: unknown) {
    super(`exec failed: ${reason}`, { cause });
    this.name = 'OneOffError';
  }
}

/** Runs a command outside of any conversation, without a sandbox, in the environment that the settings give it. */
export async function runOneOff(
  { command, cwd, timeoutMs }: OneOffCommand,
  config: Pick<Config, 'cwd' | 'shellEnvironmentPolicy'>,
  host: Host,
  signal: AbortSignal,
): Promise<OneOffResult> {
  const result = await start();
  if (result.timedOut) throw new OneOffError('sandbox error: command timed out');
  if (result.exitCode === null) throw new OneOffError('sandbox error: command was killed by a signal');
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };

  async function start() {
    try {
      return await runCommand({
        command,
        cwd: path.resolve(config.cwd, cwd ?? ''),
        env: commandEnvironment(config.shellEnvironmentPolicy, host.env),
        umask: host.umask,
        timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
        signal,
      });
    } catch (error) {
      if (error instanceof SpawnError) throw new OneOffError(error.message, error);
      throw error;
    }
  }
}
