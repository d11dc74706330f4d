import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { baseScript } from './base.ts';
import { buildScript, rootOf, startCommand } from './build-script.ts';
import { lastOf, parseDockerfile, type Stage } from './dockerfile.ts';

const PROJECT = path.resolve(import.meta.dirname, '../../..');

/** The image as `docker/Dockerfile` has it, built without Docker, in a mount namespace that lives as long as this does. */
export interface Image extends AsyncDisposable {
  /** The last stage. */
  readonly stage: Stage;
  readonly root: string;
  /** In whose mount namespace it lies. */
  readonly pid: number;
  /** `ENTRYPOINT` and `CMD`. */
  readonly start: readonly string[];
}

/** Root, namespaces and an overlay are needed. */
export function canBuildImages(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    execFileSync(
      'unshare',
      ['-m', '-n', '-p', '-f', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt && ip link show lo'],
      {
        stdio: 'ignore',
      },
    );
    return true;
  } catch {
    return false;
  }
}

export async function buildImage(): Promise<Image> {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'codexd-image-'));
  const stages = parseDockerfile(readFileSync(path.join(PROJECT, 'docker/Dockerfile'), 'utf8'));
  const stage = stages.at(-1);
  if (stage === undefined) throw new Error('the Dockerfile has no stage');
  const places = { base: `${scratch}/base`, context: `${scratch}/context`, scratch, cache: npmCache() };
  const script = `
scratch=${scratch} base=${scratch}/base
mount -t tmpfs tmpfs $scratch
${baseScript()}
mkdir $scratch/context
tar -C '${PROJECT}' ${ignored()} -cf - . | tar -C $scratch/context -xf -
${buildScript(stages, places)}
echo IMAGE READY
exec cat
`;
  const builder = spawn('unshare', ['-m', '--propagation', 'private', 'bash', '-euc', script], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await built(builder);
  return {
    stage,
    root: rootOf(places, stage.name),
    pid: builder.pid ?? 0,
    start: startCommand(stage),
    async [Symbol.asyncDispose]() {
      const ended = once(builder, 'exit');
      builder.stdin.end();
      await ended;
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

function npmCache(): string {
  return execFileSync('npm', ['config', 'get', 'cache'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

/** Options of tar that leave out what `.dockerignore` names. */
function ignored(): string {
  return readFileSync(path.join(PROJECT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((pattern) => `--exclude=${pattern.startsWith('**/') ? pattern.slice(3) : `./${pattern}`}`)
    .join(' ');
}

async function built({ stdout, stderr }: ChildProcessWithoutNullStreams): Promise<void> {
  const said: string[] = [];
  createInterface({ input: stderr }).on('line', (line) => said.push(line));
  for await (const line of createInterface({ input: stdout })) {
    if (line === 'IMAGE READY') return;
    said.push(line);
  }
  throw new Error(`the image cannot be built:\n${said.slice(-20).join('\n')}`);
}

export const userOf = (stage: Stage): string => lastOf(stage, 'USER');
export const folderOf = (stage: Stage): string => lastOf(stage, 'WORKDIR');
