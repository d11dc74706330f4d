import type { Rule } from './layout.ts';
import { sandboxExecArguments } from './macos.ts';
import { type Finished, type Outcome, outcomeOf, startFailure } from './outcome.ts';
import type { SandboxedCommand } from './types.ts';

export interface SeatbeltContext {
  /** Of `sandbox-exec`. */
  readonly path: string;
  readonly rules: readonly Rule[];
  readonly network: boolean;
}

export function wrapInSeatbelt(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  { path, rules, network }: SeatbeltContext,
): SandboxedCommand {
  return {
    command: [path, ...sandboxExecArguments({ rules, network }, command)],
    // The reference's mark, which build tools look for.
    env: { ...env, CODEX_SANDBOX: 'seatbelt' },
    pipes: [],
    label: 'MacosSeatbelt',
    outcome: async (finished) => seatbeltOutcome(finished),
    release() {},
  };
}

/** EX_DATAERR and EX_OSERR of sysexits(3): a profile it cannot read, a sandbox or program it cannot start. */
const OWN_FAILURES = [65, 71];

/** A command could imitate the failure; it then counts as not run, which gains it nothing. */
function seatbeltOutcome(finished: Finished): Outcome {
  const outcome = outcomeOf(finished, true);
  const failed = outcome.kind === 'exited' && OWN_FAILURES.includes(outcome.exitCode);
  if (failed && finished.stderr.startsWith('sandbox-exec: ')) throw startFailure(finished.stderr);
  return outcome;
}
