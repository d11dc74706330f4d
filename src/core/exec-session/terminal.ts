import { once } from 'node:events';
import { extname } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { asSpawnError } from '../exec/spawn-error.ts';
import { spawnWithUmask } from '../exec/umask.ts';
import type { ProcessScope } from '../process-scope.ts';
import type { HostedCommand } from './hosted-command.ts';

/** The program that a terminal needs: see `terminal-host.ts`. */
export const TERMINAL_HOST: readonly string[] = [
  process.execPath,
  '--no-warnings',
  `${import.meta.dirname}/terminal-host${extname(import.meta.filename)}`,
];

/** How long a host may take to end its command when it is told to. */
const END_GRACE_MS = 500;

export interface TerminalOptions {
  /** `TERMINAL_HOST`, or what wraps it. */
  readonly program: readonly string[];
  readonly hosted: HostedCommand;
  readonly cwd: string;
  readonly umask: number;
  /** The processes of this terminal only. */
  readonly processes: ProcessScope;
  /** The program has a pipe for each, from descriptor 3 on; the function gets our end of it. */
  readonly pipes: readonly ((end: Duplex) => void)[];
  /** Only for the start. */
  readonly signal: AbortSignal;
}

/** How a host ended. */
export interface HostEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What the host itself, or what wraps it, has to say. */
  readonly stderr: string;
}

/** A host has ended before it came to start its command. */
export class HostError extends Error {
  readonly end: HostEnd;

  constructor(end: HostEnd) {
    super(`there is no terminal: ${end.stderr.trim() || 'its host gave no reason'}`);
    this.name = 'HostError';
    this.end = end;
  }
}

/** A running command with a terminal of 80 columns and 24 rows. */
export interface Terminal {
  /** UTF-8. */
  readonly output: Readable;
  /** Settles after the end of the output. */
  readonly ended: Promise<HostEnd>;
  write(text: string): void;
  /** Ends the command with everything it has started. Never fails. */
  end(): Promise<void>;
}

/**
 * Resolves when the command runs.
 * @throws {SpawnError} when the program or the working directory cannot be used
 * @throws {HostError}
 * @throws the reason of `signal` when that is aborted
 */
export async function startTerminal(options: TerminalOptions): Promise<Terminal> {
  const { hosted, processes, signal } = options;
  signal.throwIfAborted();
  const child = spawnHost(options);
  const spawned = once(child, 'spawn').catch((error) => {
    throw asSpawnError(error);
  });
  // Without descriptors to spare there are no pipes either.
  if (child.pid === undefined) await spawned;
  const unwatch = child.pid === undefined ? undefined : processes.watch(child.pid);
  child.once('exit', () => unwatch?.());
  for (const [index, use] of options.pipes.entries()) use(child.stdio[3 + index] as Duplex);
  const ended = endOf(child);
  const { stdin, stdout } = child;
  // What a command that has ended does not read any more is of no interest.
  for (const pipe of [stdin, stdout]) pipe.on('error', () => pipe.destroy());
  await spawned;
  stdin.write(`${JSON.stringify({ ...hosted, env: { ...hosted.env, ...processes.env } })}\n`);
  const end = async (): Promise<void> => {
    stdin.end();
    await Promise.race([ended, sleep(END_GRACE_MS, undefined, { ref: false })]);
    await processes.endAll();
  };
  signal.addEventListener('abort', end);
  const isStarted = await saysStarted(stdout);
  signal.removeEventListener('abort', end);
  if (signal.aborted) await end();
  signal.throwIfAborted();
  if (!isStarted) throw new HostError(await ended);
  return { output: stdout, ended, write: (chars) => stdin.write(chars), end };
}

function spawnHost({ program: [program = '', ...args], cwd, umask, processes, pipes }: TerminalOptions) {
  const child = spawnWithUmask(umask, program, args, {
    cwd,
    env: processes.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...pipes.map(() => 'pipe' as const)],
  });
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('a started process has no pipes');
  return Object.assign(child, { stdin, stdout, stderr });
}

async function endOf(child: ReturnType<typeof spawnHost>): Promise<HostEnd> {
  const stderr = text(child.stderr).catch(() => '');
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (code, signal) => resolve([code, signal]));
  });
  return { exitCode, signal, stderr: await stderr };
}

/** Takes the byte `STARTED` off the output; at once followed by its end there is none. */
async function saysStarted(output: Readable): Promise<boolean> {
  const said = Promise.withResolvers<boolean>();
  output.once('readable', () => said.resolve(output.read(1) !== null));
  output.once('close', () => said.resolve(false));
  return said.promise;
}
