import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { detectSandbox } from '../../../src/core/sandbox/detect.ts';
import type { Outcome } from '../../../src/core/sandbox/outcome.ts';
import { createSandbox } from '../../../src/core/sandbox/sandbox.ts';
import type { Sandbox, SandboxedCommand, SandboxStatus } from '../../../src/core/sandbox/types.ts';
import type { SandboxPolicy } from '../../../src/protocol/vocabulary/policies.ts';
import type { Scene } from './scene.ts';

export const hostStatus: SandboxStatus = await detectSandbox(process.env);

/** For `describe.skipIf`; says why on standard error. */
export const withoutBubblewrap = hostStatus.kind !== 'bubblewrap';
if (withoutBubblewrap) console.warn(`skipped, no bubblewrap here: ${JSON.stringify(hostStatus)}`);

export const READ_ONLY: SandboxPolicy = { mode: 'read-only' };
export const WORKSPACE: SandboxPolicy = {
  mode: 'workspace-write',
  exclude_slash_tmp: true,
  exclude_tmpdir_env_var: true,
};

export interface Run {
  readonly outcome: Outcome;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Confinement {
  readonly policy?: SandboxPolicy;
  readonly workspace?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly hidden?: readonly string[];
  readonly sandbox?: Sandbox;
}

export function sandboxOf(scene: Scene, hidden: readonly string[] = []): Sandbox {
  const own = join(scene.codexHome, 'codexd');
  return createSandbox({ status: hostStatus, codexHome: scene.codexHome, hidden: [own, ...hidden] });
}

/** Wraps a command as the daemon would, and runs it to its end. */
export async function runConfined(
  scene: Scene,
  command: readonly string[],
  { sandbox, hidden, policy, workspace, cwd, env }: Confinement = {},
): Promise<Run> {
  const place = workspace ?? scene.workspace;
  const sandboxed = await (sandbox ?? sandboxOf(scene, hidden)).wrap(command, {
    policy: policy ?? WORKSPACE,
    workspace: place,
    cwd: cwd ?? place,
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  try {
    return await finish(start(sandboxed, cwd ?? place), sandboxed);
  } finally {
    sandboxed.release();
  }
}

/** The exit code of a shell script in the sandbox, with what it wrote to standard error. */
export async function shell(scene: Scene, script: string, options?: Confinement): Promise<[number, string]> {
  const { outcome, stderr } = await runConfined(scene, ['sh', '-c', script], options);
  return [outcome.kind === 'exited' ? outcome.exitCode : -1, stderr];
}

export function start(sandboxed: SandboxedCommand, cwd: string) {
  const [program = '', ...args] = sandboxed.command;
  const child = spawn(program, args, {
    cwd,
    env: sandboxed.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...sandboxed.pipes.map(() => 'pipe' as const)],
  });
  for (const [index, use] of sandboxed.pipes.entries()) {
    const end = child.stdio[index + 3];
    if (end instanceof Duplex) use(end);
  }
  return child;
}

async function finish(child: ReturnType<typeof start>, sandboxed: SandboxedCommand): Promise<Run> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr?.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  child.stdin?.end('from standard input');
  const end = await new Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>(
    (resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode, signal) => resolve({ exitCode, signal }));
    },
  );
  return { outcome: await sandboxed.outcome({ ...end, timedOut: false, stderr }), stdout, stderr };
}
