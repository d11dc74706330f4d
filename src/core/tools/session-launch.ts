import { commandEnvironment } from '../exec/environment.ts';
import { SpawnError } from '../exec/spawn-error.ts';
import { type Reading, type Session, startSession } from '../exec-session/session.ts';
import { type SessionTable, TooManySessionsError } from '../exec-session/session-table.ts';
import { HostError } from '../exec-session/terminal.ts';
import { SandboxUnavailableError } from '../sandbox/unavailable.ts';
import { decideExec } from './exec-decision.ts';
import { askForSession, isApprovedForSessions } from './session-approval.ts';
import { explainMissingSandbox, REJECTED } from './shell.ts';
import type { ToolContext } from './tool.ts';

export interface Launch {
  readonly command: readonly string[];
  /** How long its first output is waited for. */
  readonly waitMs: number;
  readonly table: SessionTable;
}

export interface Launched {
  readonly number: number;
  readonly reading: Reading;
  /** Between the start and the reading. */
  readonly seconds: number;
}

/** The program could not be started; the message says why. */
export class LaunchError extends Error {
  readonly number: number;

  constructor(number: number, reason: string) {
    super(reason);
    this.name = 'LaunchError';
    this.number = number;
  }
}

/**
 * Starts a program on a terminal as far as the policies and the user let it, like `shell`; a text is the refusal. The
 * 0.36.0 release neither asks nor confines here. Commands known to be safe are no exception: on a terminal, `git log`
 * opens a pager, and that runs whatever is typed into it.
 * @throws {LaunchError}
 */
export async function launchSession(launch: Launch, context: ToolContext): Promise<Launched | string> {
  const decision = decideExec({
    approvalPolicy: context.approvalPolicy,
    sandboxMode: context.sandboxPolicy.mode,
    approved: isApprovedForSessions(launch.command, context),
    knownSafe: false,
    escalated: false,
    sandboxAvailable: context.sandbox.status.kind !== 'none',
  });
  switch (decision.kind) {
    case 'refuse':
      return `command not run: ${explainMissingSandbox(context)}`;
    case 'ask':
      return (await askForSession(launch.command, undefined, context))
        ? start(launch, false, context)
        : REJECTED;
    case 'run':
      return startAndMaybeRetry(launch, decision.confinement !== 'none', context);
  }
}

async function startAndMaybeRetry(
  launch: Launch,
  sandboxed: boolean,
  context: ToolContext,
): Promise<Launched | string> {
  const launched = await start(launch, sandboxed, context);
  const { end, text } = launched.reading;
  if (!end?.denied || context.approvalPolicy !== 'on-failure') return launched;
  const reason = `sandbox denied exec error, exit code: ${end.exitCode}, stdout: ${text}, stderr: `;
  context.emit({ type: 'background_event', message: `Execution failed: ${reason}` });
  if (!(await askForSession(launch.command, 'command failed; retry without sandbox?', context)))
    return REJECTED;
  context.emit({ type: 'background_event', message: 'retrying command without sandbox' });
  return start(launch, false, context);
}

async function start(
  { command, waitMs, table }: Launch,
  sandboxed: boolean,
  context: ToolContext,
): Promise<Launched> {
  const number = table.takeNumber();
  const session = await open(number, command, table, sandboxed, context);
  table.add(number, session);
  const startedAt = performance.now();
  const reading = await session.read(waitMs, context.signal);
  return { number, reading, seconds: (performance.now() - startedAt) / 1000 };
}

async function open(
  number: number,
  command: readonly string[],
  table: SessionTable,
  sandboxed: boolean,
  context: ToolContext,
): Promise<Session> {
  const { cwd, host, sandbox, sandboxPolicy, shellEnvironmentPolicy, sessions } = context;
  try {
    table.makeRoom();
    return await startSession({
      command,
      cwd,
      workspace: cwd,
      policy: sandboxed ? sandboxPolicy : { mode: 'danger-full-access' },
      env: commandEnvironment(shellEnvironmentPolicy, host.env),
      umask: host.umask,
      sandbox,
      processes: sessions.processes.within(),
      signal: context.signal,
    });
  } catch (error) {
    const expected = [SpawnError, SandboxUnavailableError, HostError, TooManySessionsError];
    if (error instanceof Error && expected.some((kind) => error instanceof kind)) {
      throw new LaunchError(number, error.message);
    }
    throw error;
  }
}
