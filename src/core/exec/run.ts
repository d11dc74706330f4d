import { type Child, type ChildOptions, type Exit, startChild } from './child.ts';
import { collectOutput, type OutputListener, type OutputTexts } from './collect-output.ts';

export { EmptyCommandError, SpawnError } from './spawn-error.ts';

export interface CommandOptions extends ChildOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Sees the output as it comes, in order, in chunks of at most 8,192 bytes. */
  readonly onOutput?: OutputListener;
  /** Of stdout, of stderr and of both together; beyond it the middle is cut out and the cut is marked. */
  readonly maxBufferedBytes?: number;
}

export interface CommandResult extends OutputTexts {
  /** `null` when a signal ended the process. */
  readonly exitCode: number | null;
  /** What killed the process, also when that was the timeout or the abort. */
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly aborted: boolean;
  readonly durationNs: bigint;
}

const DEFAULT_MAX_BUFFERED_BYTES = 5 * 1024 * 1024;
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How long the output of a finished process is waited for while another process keeps it open (REL-CH-1). */
const PIPE_GRACE_MS = 500;
/** How long a killed process is waited for; one stuck in the kernel does not end. */
const KILL_GRACE_MS = 2000;

const KILLED: Exit = { code: null, signal: 'SIGKILL' };

type Stop = 'timeout' | 'abort';

/**
 * Runs a program to its end, its timeout or its abort; the latter two kill its whole process group at once,
 * and what has left it right after. Processes it leaves behind after a normal end are not waited for, and live on in
 * `processes`.
 * @throws {EmptyCommandError} when `command` is empty
 * @throws {SpawnError} when the program or the working directory cannot be used
 * @throws the reason of `signal` when that was aborted before the start
 */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  const startedAt = process.hrtime.bigint();
  const output = collectOutput(options.maxBufferedBytes ?? DEFAULT_MAX_BUFFERED_BYTES, options.onOutput);
  const processes = options.processes?.within();
  const child = await startChild({ ...options, ...(processes && { processes }) });
  try {
    const { exit, stop } = await awaitEnd(child, options, output.read(child));
    if (stop) await processes?.endAll();
    return {
      exitCode: exit.code,
      signal: exit.signal,
      timedOut: stop === 'timeout',
      aborted: stop === 'abort',
      ...output.texts(),
      durationNs: process.hrtime.bigint() - startedAt,
    };
  } finally {
    child.release();
  }
}

interface End {
  readonly exit: Exit;
  readonly stop: Stop | undefined;
}

async function awaitEnd(child: Child, options: CommandOptions, drained: Promise<unknown>): Promise<End> {
  const killed = Promise.withResolvers<Stop>();
  const kill = (stop: Stop): void => {
    child.killGroup();
    killed.resolve(stop);
  };
  const onAbort = (): void => kill('abort');
  const timer = setTimeout(() => kill('timeout'), Math.min(options.timeoutMs, MAX_TIMER_MS));
  options.signal?.addEventListener('abort', onAbort);
  drained.catch(child.killGroup);
  try {
    if (options.signal?.aborted) onAbort();
    const stop = await Promise.race([child.exit.then(() => undefined), killed.promise]);
    clearTimeout(timer);
    const exit = (await (stop ? within(child.exit, KILL_GRACE_MS) : child.exit)) ?? KILLED;
    await within(drained, PIPE_GRACE_MS);
    return { exit, stop: exit.signal === 'SIGKILL' ? stop : undefined };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

/** The value of a promise, or `undefined` when it takes longer than `ms`. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(late.resolve, ms, undefined);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
