import { commandEnvironment } from '../exec/environment.ts';
import { runCommand, SpawnError } from '../exec/run.ts';
import { SandboxUnavailableError } from '../sandbox/unavailable.ts';
import { reportBegin, reportFailure, reportOutput, reportResult } from './command-events.ts';
import type { Confinement } from './exec-decision.ts';
import type { ToolContext } from './tool.ts';

export interface ShellCommand {
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly timeoutMs: number;
}

/** How one run of a command came out. */
export type Attempt =
  /** It ran to an exit code or its timeout; `output` is what the model sees. */
  | { readonly kind: 'done'; readonly output: string }
  /** It could not be started; the model is told why. */
  | { readonly kind: 'not-started'; readonly reason: string }
  /** The sandbox stopped it, or a signal did: it may be tried again without. */
  | { readonly kind: 'failed'; readonly reason: string; readonly label: string };

/** As today's Codex keeps it. Both ends of it are told twice at the command's end, a NUL in six bytes (SEC-SLOW-4). */
const MAX_KEPT_BYTES = 1024 * 1024;

const SIGNALLED = 'command was killed by a signal';

/** Runs a command once, reporting it by events. Throws the signal's reason when the turn is aborted. */
export async function attemptCommand(
  shellCommand: ShellCommand,
  confinement: Confinement,
  context: ToolContext,
): Promise<Attempt> {
  const { cwd, timeoutMs } = shellCommand;
  reportBegin(shellCommand.command, cwd, context);
  try {
    const wrapped = await context.sandbox.wrap(shellCommand.command, {
      policy: confinement === 'none' ? { mode: 'danger-full-access' } : context.sandboxPolicy,
      workspace: context.cwd,
      cwd,
      env: commandEnvironment(context.shellEnvironmentPolicy, context.host.env),
    });
    try {
      const result = await runCommand({
        command: wrapped.command,
        env: wrapped.env,
        pipes: wrapped.pipes,
        cwd,
        timeoutMs,
        umask: context.host.umask,
        processes: context.host.processes,
        signal: context.signal,
        maxBufferedBytes: MAX_KEPT_BYTES,
        onOutput: reportOutput(context),
      });
      context.signal.throwIfAborted();
      const outcome = await wrapped.outcome(result);
      if (outcome.kind === 'signalled')
        return failed(SIGNALLED, `sandbox error: ${SIGNALLED}`, wrapped.label, context);
      if (outcome.kind === 'exited' && outcome.denied && confinement === 'sandbox') {
        const reason = `sandbox denied exec error, exit code: ${outcome.exitCode}, stdout: ${result.stdout}, stderr: ${result.stderr}`;
        return failed(reason, result.stderr, wrapped.label, context);
      }
      return { kind: 'done', output: reportResult(result, context) };
    } finally {
      wrapped.release();
    }
  } catch (error) {
    if (!(error instanceof SpawnError || error instanceof SandboxUnavailableError)) throw error;
    reportFailure(error.message, context);
    return { kind: 'not-started', reason: error.message };
  }
}

function failed(reason: string, shown: string, label: string, context: ToolContext): Attempt {
  reportFailure(shown, context);
  return { kind: 'failed', reason, label };
}
