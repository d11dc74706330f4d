import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../exec/find-program.ts';
import { runCommand } from '../exec/run.ts';
import type { ProcessScope } from '../process-scope.ts';
import { SANDBOX_EXEC } from './macos.ts';
import type { Outcome } from './outcome.ts';
import { createSandbox } from './sandbox.ts';
import type { SandboxStatus } from './types.ts';
import { type Obstacle, SandboxUnavailableError } from './unavailable.ts';

type Candidate = Exclude<SandboxStatus, { kind: 'none' }>;
type Environment = Readonly<Record<string, string | undefined>>;

const PROBE_TIME_LIMIT_MS = 5000;

const PASSING = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);

const INSTALL_BUBBLEWRAP: Obstacle = {
  reason: 'bubblewrap (the program bwrap) is not in the PATH of the daemon.',
  remedy: 'Install the package "bubblewrap" (apt, dnf, pacman, apk, zypper) and start the daemon again.',
};

/**
 * Finds out, by running commands in it, whether there is a sandbox that works (security, SEC-EXEC-6).
 * Takes some 50 ms; the answer holds until the daemon ends.
 * @param env the daemon's, for its PATH
 * @param processes what the commands that are tried count as
 * @throws when the machine has no descriptors, processes or memory to spare; see {@link isPassing}
 */
export async function detectSandbox(env: Environment, processes?: ProcessScope): Promise<SandboxStatus> {
  const candidate = await findCandidate(process.platform, env);
  if (candidate.kind === 'none') return candidate;
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'codexd-sandbox-')));
  try {
    const obstacle = await tryOut(candidate, { PATH: env.PATH ?? '' }, folder, processes);
    return obstacle ? { kind: 'none', ...obstacle } : candidate;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function findCandidate(platform: NodeJS.Platform, env: Environment): Promise<SandboxStatus> {
  switch (platform) {
    case 'linux': {
      const path = await findProgram('bwrap', env.PATH, '/');
      return path ? { kind: 'bubblewrap', path } : { kind: 'none', ...INSTALL_BUBBLEWRAP };
    }
    case 'darwin':
      return { kind: 'sandbox-exec', path: SANDBOX_EXEC };
    default:
      return {
        kind: 'none',
        reason: `There is no sandbox for commands on ${platform}.`,
        remedy: 'Use Linux or macOS, or choose the sandbox mode danger-full-access.',
      };
  }
}

/** The machine's trouble, which says nothing about the sandbox. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && PASSING.has(String(error.code));

/** A command has to run, and a write has to fail, both under the strictest policy. */
async function tryOut(
  status: Candidate,
  env: Readonly<Record<string, string>>,
  folder: string,
  processes: ProcessScope | undefined,
): Promise<Obstacle | undefined> {
  const sandbox = createSandbox({ status, codexHome: folder, hidden: [] });
  const request = { policy: { mode: 'read-only' }, workspace: folder, cwd: folder, env } as const;
  const run = async (command: readonly string[]): Promise<Outcome> => {
    const sandboxed = await sandbox.wrap(command, request);
    try {
      return await sandboxed.outcome(
        await runCommand({
          ...sandboxed,
          cwd: folder,
          timeoutMs: PROBE_TIME_LIMIT_MS,
          ...(processes && { processes }),
        }),
      );
    } finally {
      sandboxed.release();
    }
  };
  try {
    const plain = await run(['true']);
    if (!isExit(plain, (code) => code === 0)) return unexpected('run "true"', plain);
    const write = await run(['sh', '-c', ': > written']);
    const kept = isExit(write, (code) => code !== 0) && (await readdir(folder)).length === 0;
    return kept ? undefined : unexpected('keep a file from being written', write);
  } catch (error) {
    if (isPassing(error)) throw error;
    if (error instanceof SandboxUnavailableError) return { reason: error.reason, remedy: error.remedy };
    return unexpected('start', error instanceof Error ? error.message : error);
  }
}

function isExit(outcome: Outcome, expected: (exitCode: number) => boolean): boolean {
  return outcome.kind === 'exited' && expected(outcome.exitCode);
}

function unexpected(task: string, found: unknown): Obstacle {
  return {
    reason: `The sandbox was found but did not ${task}: ${JSON.stringify(found)}.`,
    remedy:
      'Run the sandbox program by hand to see what it lacks, or choose the sandbox mode danger-full-access.',
  };
}
