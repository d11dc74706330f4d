import path from 'node:path';
import type { SandboxPolicy } from '../../protocol/vocabulary/policies.ts';
import type { Config } from '../config/types.ts';
import type { Host } from '../host.ts';
import type { Sandbox } from '../sandbox/types.ts';
import { SandboxUnavailableError } from '../sandbox/unavailable.ts';
import { commandEnvironment } from './environment.ts';
import { runCommand, SpawnError } from './run.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

export interface OneOffCommand {
  readonly command: readonly string[];
  readonly cwd: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly policy: SandboxPolicy | undefined;
}

export interface OneOffResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OneOffWorld {
  /** Where no folder or policy is given, those of the daemon hold. */
  readonly config: Pick<Config, 'cwd' | 'sandboxPolicy' | 'shellEnvironmentPolicy'>;
  readonly host: Host;
  readonly sandbox: Sandbox;
  readonly signal: AbortSignal;
}

/** The command did not come to an exit code; the message is the reference's (protocol-v1, section 21). */
export class OneOffError extends Error {
  readonly reason: 'exec_failed' | 'sandbox_unavailable';

  constructor(detail: string, cause?: unknown) {
    super(`exec failed: ${detail}`, { cause });
    this.name = 'OneOffError';
    this.reason = cause instanceof SandboxUnavailableError ? cause.code : 'exec_failed';
  }
}

/**
 * Runs a command outside of any conversation, confined as the policy says. An exit code other than 0 is a result like
 * any other, also of a confined command. Throws `OneOffError`.
 */
export async function runOneOff(call: OneOffCommand, world: OneOffWorld): Promise<OneOffResult> {
  try {
    return await run(call, world);
  } catch (error) {
    const isExpected = error instanceof SpawnError || error instanceof SandboxUnavailableError;
    throw isExpected ? new OneOffError(error.message, error) : error;
  }
}

async function run(
  { command, cwd, timeoutMs, policy }: OneOffCommand,
  { config, host, sandbox, signal }: OneOffWorld,
): Promise<OneOffResult> {
  const folder = path.resolve(config.cwd, cwd ?? '');
  const wrapped = await sandbox.wrap(command, {
    policy: policy ?? config.sandboxPolicy,
    workspace: folder,
    cwd: folder,
    env: commandEnvironment(config.shellEnvironmentPolicy, host.env),
  });
  try {
    const result = await runCommand({
      command: wrapped.command,
      env: wrapped.env,
      pipes: wrapped.pipes,
      cwd: folder,
      umask: host.umask,
      processes: host.processes,
      timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
      signal,
    });
    const outcome = await wrapped.outcome(result);
    if (outcome.kind === 'timed-out') throw new OneOffError('sandbox error: command timed out');
    if (outcome.kind === 'signalled') throw new OneOffError('sandbox error: command was killed by a signal');
    return { exitCode: outcome.exitCode, stdout: result.stdout, stderr: result.stderr };
  } finally {
    wrapped.release();
  }
}
