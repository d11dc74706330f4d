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
}

/** How a host ended. */
export interface HostEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Empty, unless the host itself or what wraps it has failed. */
  readonly stderr: string;
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

/** @throws {SpawnError} when the program or the working directory cannot be used */
export async function startTerminal(options: TerminalOptions): Promise<Terminal> {
  const { hosted, processes } = options;
  const child = spawnHost(options);
  const unwatch = child.pid === undefined ? undefined : processes.watch(child.pid);
  child.once('exit', () => unwatch?.());
  for (const [index, use] of options.pipes.entries()) use(child.stdio[3 + index] as Duplex);
  const ended = endOf(child);
  const { stdin, stdout } = child;
  // What a command that has ended does not read any more is of no interest.
  stdin.on('error', () => stdin.destroy());
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw asSpawnError(error);
  }
  stdin.write(`${JSON.stringify({ ...hosted, env: { ...hosted.env, ...processes.env } })}\n`);
  return {
    output: stdout,
    ended,
    write: (chars) => stdin.write(chars),
    async end() {
      stdin.end();
      await Promise.race([ended, sleep(END_GRACE_MS, undefined, { ref: false })]);
      await processes.endAll();
    },
  };
}

function spawnHost({ program: [program = '', ...args], cwd, umask, processes, pipes }: TerminalOptions) {
  const child = spawnWithUmask(umask, program, args, {
    cwd,
    env: processes.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...pipes.map(() => 'pipe' as const)],
  });
  const { stdin, stdout, stderr, stdio, pid } = child;
  if (!stdin || !stdout || !stderr) throw new Error('a started process has no pipes');
  return Object.assign(child, { stdin, stdout, stderr, stdio, pid });
}

type Host = ReturnType<typeof spawnHost>;

async function endOf(child: Host): Promise<HostEnd> {
  const stderr = text(child.stderr).catch(() => '');
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (code, signal) => resolve([code, signal]));
  });
  return { exitCode, signal, stderr: await stderr };
}
