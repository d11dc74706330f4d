import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { McpServer } from '../config/types.ts';
import { asSpawnError, noSuchProgram, SpawnError } from '../exec/spawn-error.ts';
import { spawnWithUmask } from '../exec/umask.ts';
import type { Host } from '../host.ts';
import type { ProcessScope } from '../process-scope.ts';
import { settlesWithin } from '../settles-within.ts';
import { serverEnvironment } from './environment.ts';

/** How long the output of a finished server is waited for while another process keeps it open (REL-CH-1). */
const PIPE_GRACE_MS = 500;
/** How long a server may take to end by itself when it is told to (SEC-EXEC-4). */
const TERMINATION_GRACE_MS = 2000;
/** How long a killed process is waited for; one stuck in the kernel does not end. */
const KILL_GRACE_MS = 2000;

/** A running MCP server at the head of a process group of its own. */
export interface ServerProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** How it ended, such as `the server exited with code 1`; `undefined` while it runs. */
  end(): string | undefined;
  /** Settles once the server has ended and its output has been read. */
  readonly ended: Promise<void>;
  /** Ends the whole group: politely first, after two seconds by force. Settles when it is done; never fails. */
  stop(): Promise<void>;
  /** Ends the whole group by force. */
  kill(): void;
}

/** @throws {SpawnError} when the program or the working directory cannot be used */
export async function startServerProcess(server: McpServer, host: Host, cwd: string): Promise<ServerProcess> {
  const { command, args } = server;
  const processes = host.processes.within();
  const env = { ...serverEnvironment(server.env, host.env), ...processes.env };
  checkTexts(command, [...args, cwd, ...Object.entries(env).flat()]);
  try {
    const options = { cwd, env, stdio: 'pipe', detached: true } as const;
    const child = spawnWithUmask(host.umask, command, args, options);
    if (child.pid !== undefined) watch(child, child.pid, processes);
    const ended = once(child, 'close').then(() => undefined);
    await Promise.race([once(child, 'spawn'), ended]);
    return processOf(child, ended);
  } catch (error) {
    throw asSpawnError(error);
  }
}

/** Node refuses these before the operating system can, and shows the value when it does. */
function checkTexts(command: string, others: readonly string[]): void {
  if ([command, ...others].some((text) => text.includes('\0'))) {
    throw new SpawnError('EINVAL', 'nul byte found in provided data');
  }
  if (command === '') throw noSuchProgram();
}

/** A server that has ended takes with it what it started, also what has left its group. */
function watch(child: ChildProcess, pid: number, processes: ProcessScope): void {
  const unwatch = processes.watch(pid);
  child.once('exit', () => {
    signalProcesses(-pid, 'SIGKILL');
    unwatch();
    void processes.endAll();
  });
}

function processOf(child: ChildProcess, ended: Promise<void>): ServerProcess {
  const { stdin, stdout, stderr, pid } = child;
  if (!stdin || !stdout || !stderr || !pid) throw new Error('a started process has no pid or no pipes');
  const end = (): string | undefined => describeEnd(child);
  const signalGroup = (signal: NodeJS.Signals): void => {
    if (end() === undefined) signalProcesses(-pid, signal);
  };
  child.once('exit', () => {
    const grace = setTimeout(() => {
      stdout.destroy();
      stderr.destroy();
    }, PIPE_GRACE_MS);
    child.once('close', () => clearTimeout(grace));
  });
  const stop = async (): Promise<void> => {
    stdin.end();
    signalGroup('SIGTERM');
    if (await settlesWithin(ended, TERMINATION_GRACE_MS)) return;
    signalGroup('SIGKILL');
    await settlesWithin(ended, KILL_GRACE_MS);
  };
  return { stdin, stdout, stderr, end, ended, stop, kill: () => signalGroup('SIGKILL') };
}

function describeEnd({ exitCode, signalCode }: ChildProcess): string | undefined {
  if (exitCode !== null) return `the server exited with code ${exitCode}`;
  return signalCode === null ? undefined : `the server was ended by ${signalCode}`;
}

function signalProcesses(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // Nothing is left that could be signalled: no process at all, or only processes of another user.
  }
}
