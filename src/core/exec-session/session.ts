import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessScope } from '../process-scope.ts';
import { outcomeOf } from '../sandbox/outcome.ts';
import type { Sandbox, SandboxedCommand, SandboxRequest } from '../sandbox/types.ts';
import { checkCommand } from './find-program.ts';
import { HostError, startTerminal, TERMINAL_HOST, type Terminal, type TerminalOptions } from './terminal.ts';
import { type Output, unreadOutput } from './unread-output.ts';

/** Of one session, between two looks at it. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface SessionRequest extends SandboxRequest {
  readonly command: readonly string[];
  readonly sandbox: Sandbox;
  readonly umask: number;
  /** The processes of this session only. */
  readonly processes: ProcessScope;
  /** Only for the start. */
  readonly signal: AbortSignal;
}

/** What a program may do, and in which folder it is at home. */
export type Confinement = Pick<SandboxRequest, 'policy' | 'workspace'>;

export interface SessionEnd {
  readonly exitCode: number;
  /** Counts as refused by the sandbox, as any failure in it does. */
  readonly denied: boolean;
}

export interface Reading extends Output {
  readonly end: SessionEnd | undefined;
}

/** A program on a terminal, that goes on while nobody looks. */
export interface Session {
  readonly command: readonly string[];
  readonly confinement: Confinement;
  readonly isRunning: boolean;
  write(text: string): void;
  /**
   * What has come out since the last look, after `waitMs` or as soon as the program has ended.
   * @throws the reason of `signal` when that is aborted; nothing is lost then
   */
  read(waitMs: number, signal: AbortSignal): Promise<Reading>;
  /** Ends the program with everything it has started. Never fails. */
  end(): Promise<void>;
}

/**
 * Starts a program on a terminal of its own.
 * @throws {SpawnError} when the program or the working directory cannot be used
 * @throws {SandboxUnavailableError} when not all restrictions of the policy can be enforced
 * @throws {HostError} when there is no terminal to be had
 * @throws the reason of `signal` when that is aborted
 */
export async function startSession(request: SessionRequest): Promise<Session> {
  const { command, policy, workspace } = request;
  await checkCommand(request, request.cwd);
  const { wrapped, program, hosted } = await confine(request);
  try {
    const terminal = await startTerminal({ ...request, program, hosted, pipes: wrapped.pipes });
    return sessionOn(terminal, wrapped, { command, confinement: { policy, workspace } });
  } catch (error) {
    throw await explain(error, wrapped).finally(wrapped.release);
  }
}

/** The sandbox knows better why it did not come to start the host. */
async function explain(error: unknown, wrapped: SandboxedCommand): Promise<unknown> {
  if (!(error instanceof HostError)) return error;
  return wrapped.outcome({ ...error.end, timedOut: false }).then(
    () => error,
    (better: unknown) => better,
  );
}

interface Confined extends Pick<TerminalOptions, 'program' | 'hosted'> {
  readonly wrapped: SandboxedCommand;
}

/** In bubblewrap the host has to be inside, where the terminals are others; elsewhere it is outside. */
async function confine({ command, sandbox, ...request }: SessionRequest): Promise<Confined> {
  const isHostInside = sandbox.status.kind === 'bubblewrap';
  const wrapped = await sandbox.wrap(isHostInside ? TERMINAL_HOST : command, request);
  const { env } = wrapped;
  return isHostInside
    ? { wrapped, program: wrapped.command, hosted: { command, env } }
    : { wrapped, program: TERMINAL_HOST, hosted: { command: wrapped.command, env } };
}

function sessionOn(
  terminal: Terminal,
  wrapped: SandboxedCommand,
  about: Pick<Session, 'command' | 'confinement'>,
): Session {
  const output = unreadOutput(MAX_UNREAD_BYTES);
  terminal.output.on('data', output.append);
  let end: SessionEnd | undefined;
  const ended = endOf(terminal, wrapped).then((value) => {
    end = value;
  });
  return {
    ...about,
    get isRunning() {
      return end === undefined;
    },
    write: terminal.write,
    async read(waitMs, signal) {
      await within(ended, waitMs, signal);
      return { ...output.take(), end };
    },
    end: terminal.end,
  };
}

async function within(ended: Promise<void>, waitMs: number, signal: AbortSignal): Promise<void> {
  const timer = new AbortController();
  const options = { signal: AbortSignal.any([signal, timer.signal]) };
  const late = sleep(Math.min(waitMs, MAX_TIMER_MS), undefined, options).catch(() => undefined);
  await Promise.race([ended, late]);
  timer.abort();
  signal.throwIfAborted();
}

async function endOf({ ended }: Terminal, { label, release }: SandboxedCommand): Promise<SessionEnd> {
  const host = await ended;
  release();
  const outcome = outcomeOf({ ...host, timedOut: false }, label !== 'None');
  return outcome.kind === 'exited' ? outcome : { exitCode: 1, denied: false };
}
