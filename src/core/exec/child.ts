import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { ProcessScope } from '../process-scope.ts';
import { type OutputPipe, openOutputPipe } from './output-pipe.ts';
import { type OutputReader, readerOver } from './output-reader.ts';
import { asSpawnError, EmptyCommandError, noSuchProgram, SpawnError } from './spawn-error.ts';
import { spawnWithUmask } from './umask.ts';

export interface ChildOptions {
  /** Executed as it stands, without a shell; a program without a slash is looked up in the PATH of `env`. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where the process belongs to; `undefined` for one that nobody needs to end. */
  readonly processes?: ProcessScope;
  /** That of the daemon when left out. */
  readonly umask?: number;
  /** An open file that the process reads; closed when left out. */
  readonly stdin?: number;
  /** The process has a pipe for each, from descriptor 3 on; the function gets our end of it. */
  readonly pipes?: readonly ((end: Duplex) => void)[];
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running program at the head of a process group of its own. */
export interface Child {
  readonly stdout: OutputReader;
  readonly stderr: OutputReader;
  readonly exit: Promise<Exit>;
  /** Kills every process of the group at once. */
  killGroup(): void;
  /** Stops reading the output; processes that still write get an error. */
  release(): void;
}

/**
 * Starts a program.
 * @throws {EmptyCommandError} when `command` is empty
 * @throws {SpawnError} when the program or the working directory cannot be used
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const [program, ...args] = options.command;
  if (program === undefined) throw new EmptyCommandError();
  checkNames(program, options);
  const pipes = await Promise.all([openOutputPipe(), openOutputPipe()]);
  try {
    const child = spawnWithUmask(options.umask, program, args, {
      cwd: options.cwd,
      env: { ...options.env, ...options.processes?.env },
      detached: true,
      stdio: [
        options.stdin ?? 'ignore',
        pipes[0]?.writer ?? 'pipe',
        pipes[1]?.writer ?? 'pipe',
        ...(options.pipes ?? []).map(() => 'pipe' as const),
      ],
    });
    const spawned = once(child, 'spawn');
    // Without descriptors to spare there are no pipes either.
    if (child.pid === undefined) await spawned;
    const exit = exitOf(child, options.processes);
    for (const [index, use] of options.pipes?.entries() ?? []) use(child.stdio[3 + index] as Duplex);
    await spawned;
    return childOf(child, exit, pipes);
  } catch (error) {
    for (const pipe of pipes) pipe?.release();
    throw asSpawnError(error);
  }
}

/** Node refuses these before the operating system can. */
function checkNames(program: string, { command, cwd, env }: ChildOptions): void {
  const texts = [...command, cwd, ...Object.entries(env).flat()];
  if (texts.some((text) => text.includes('\0'))) {
    throw new SpawnError('EINVAL', 'nul byte found in provided data');
  }
  if (program === '') throw noSuchProgram();
}

function exitOf(child: ChildProcess, processes: ProcessScope | undefined): Promise<Exit> {
  const unwatch = child.pid === undefined ? undefined : processes?.watch(child.pid);
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      unwatch?.();
      resolve({ code, signal });
    });
  });
}

type Pipes = readonly [OutputPipe | undefined, OutputPipe | undefined];

function childOf(child: ChildProcess, exit: Promise<Exit>, pipes: Pipes): Child {
  const stdout = pipes[0]?.reader ?? (child.stdout && readerOver(child.stdout));
  const stderr = pipes[1]?.reader ?? (child.stderr && readerOver(child.stderr));
  if (!stdout || !stderr || child.pid === undefined)
    throw new Error('a started process has no pid or no output');
  const group = -child.pid;
  for (const pipe of pipes) pipe?.closeWriter();
  const release = (): void => {
    for (const pipe of pipes) pipe?.release();
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  return { stdout, stderr, exit, killGroup: () => killGroup(group), release };
}

function killGroup(group: number): void {
  try {
    process.kill(group, 'SIGKILL');
  } catch {
    // Nothing is left that could be killed: no process at all, or only processes of another user.
  }
}
