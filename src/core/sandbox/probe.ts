import { type ChildProcess, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import type { Finished, Outcome } from './outcome.ts';
import type { PipeUser, SandboxedCommand } from './types.ts';

const TIME_LIMIT_MS = 5000;

/**
 * Runs a command only to see how it ends.
 * @throws what `outcome` of the command throws, or the error of a program that cannot be started
 */
export async function probe(sandboxed: SandboxedCommand, cwd: string): Promise<Outcome> {
  try {
    const [program = '', ...args] = sandboxed.command;
    const child = spawn(program, args, {
      cwd,
      env: sandboxed.env,
      stdio: ['ignore', 'ignore', 'pipe', ...sandboxed.pipes.map(() => 'pipe' as const)],
      detached: true,
      timeout: TIME_LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    connect(child, sandboxed.pipes);
    return await sandboxed.outcome(await endOf(child));
  } finally {
    sandboxed.release();
  }
}

function connect(child: ChildProcess, pipes: readonly PipeUser[]): void {
  for (const [index, use] of pipes.entries()) {
    const end = child.stdio[index + 3];
    if (end instanceof Duplex) use(end);
  }
}

function endOf(child: ChildProcess): Promise<Finished> {
  let stderr = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, timedOut: false, stderr }));
  });
}
