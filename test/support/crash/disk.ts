import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** A way to leave a daemon without room for its files, and to give it back. */
export interface FullDisk {
  fill(rollout: string): void;
  free(): void;
}

const CHUNK = Buffer.alloc(64 * 1024);

/** Runs a program of the system; what it says when it fails, else nothing. */
export function run(program: string, ...args: string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? `${program}: ${stderr.trim()}`);
}

/** Puts a small file system in place of the home; its settings go along. Says why when the system does not let us. */
export function mountSmallDisk(home: string, mebibytes: number): FullDisk | string {
  const config = readFileSync(path.join(home, 'config.toml'));
  const refused = run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0700`, 'tmpfs', home);
  if (refused !== undefined) return refused;
  onTestFinished(() => void run('umount', '--lazy', home));
  writeFileSync(path.join(home, 'config.toml'), config);
  const filler = path.join(home, 'filler');
  return { fill: () => fillUp(filler), free: () => rmSync(filler, { force: true }) };
}

function fillUp(filler: string): void {
  const fd = openSync(filler, 'a');
  try {
    for (let size = CHUNK.length; size >= 1; size = Math.floor(size / 2)) writeUntilFull(fd, size);
  } finally {
    closeSync(fd);
  }
}

function writeUntilFull(fd: number, size: number): void {
  try {
    for (;;) writeSync(fd, CHUNK, 0, size);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** No file of the process may grow beyond what the rollout has now and a few bytes more: writes become short, then fail. */
export function limitFileSize(pid: number): FullDisk {
  const limit = (soft: number | 'unlimited'): void => {
    const refused = run('prlimit', '--pid', String(pid), `--fsize=${soft}:unlimited`);
    if (refused !== undefined) throw new Error(refused);
  };
  return { fill: (rollout) => limit(statSync(rollout).size + 20), free: () => limit('unlimited') };
}

/** Nothing below the folder can be changed until the returned function is called. Says why when that is not possible. */
export function makeUnwritable(folder: string): (() => void) | string {
  const isRoot = process.getuid?.() === 0;
  const [program, deny, allow] = isRoot ? ['chattr', '+i', '-i'] : ['chmod', 'a-w', 'u+w'];
  const refused = run(program, '-R', deny, folder);
  const allowAgain = (): void => void run(program, '-R', allow, folder);
  onTestFinished(allowAgain);
  return refused ?? allowAgain;
}
