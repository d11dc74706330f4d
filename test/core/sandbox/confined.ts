import { join } from 'node:path';
import { type CommandOptions, runCommand } from '../../../src/core/exec/run.ts';
import { detectSandbox } from '../../../src/core/sandbox/detect.ts';
import type { Outcome } from '../../../src/core/sandbox/outcome.ts';
import { createSandbox } from '../../../src/core/sandbox/sandbox.ts';
import type { Sandbox, SandboxStatus } from '../../../src/core/sandbox/types.ts';
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

export interface Confinement extends Pick<CommandOptions, 'signal' | 'onOutput'> {
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
  { sandbox, hidden, policy, workspace, cwd, env, ...running }: Confinement = {},
): Promise<Run> {
  const place = workspace ?? scene.workspace;
  const sandboxed = await (sandbox ?? sandboxOf(scene, hidden)).wrap(command, {
    policy: policy ?? WORKSPACE,
    workspace: place,
    cwd: cwd ?? place,
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  try {
    const options = { ...sandboxed, ...running, cwd: cwd ?? place, timeoutMs: 10_000 };
    const result = await runCommand(options);
    return { outcome: await sandboxed.outcome(result), stdout: result.stdout, stderr: result.stderr };
  } finally {
    sandboxed.release();
  }
}

/** The exit code of a shell script in the sandbox, with what it wrote to standard error. */
export async function shell(scene: Scene, script: string, options?: Confinement): Promise<[number, string]> {
  const { outcome, stderr } = await runConfined(scene, ['sh', '-c', script], options);
  return [outcome.kind === 'exited' ? outcome.exitCode : -1, stderr];
}
