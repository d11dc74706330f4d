import { fstatSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { programOf } from './program-name.ts';

/** A live process that has the lock of a file. */
export interface LockHolder {
  readonly pid: number;
  /** Its name as a person knows it, without arguments. */
  readonly program: string;
}

/** `yes` and `no` are what the process's descriptors say, `hidden` when they are not ours to see. */
type Holds = 'yes' | 'no' | 'hidden';

/** A flock, shared or exclusive, that is held and not only waited for (proc_locks(5)); also a line of fdinfo. */
const FLOCK = /^(?:lock:\s+)?\d+: FLOCK\s+\S+\s+\S+\s+(-?\d+) (\S+)/gm;

/**
 * Who keeps us from locking an open file of ours, as far as the system tells: `undefined` where there is no `/proc`,
 * for processes in another pid namespace, and when the lock is free by now.
 *
 * `/proc/locks` has the pid that asked for the lock. That process may have been a helper that is long gone, while the
 * lock lives on with the open file, so descriptors are asked, too: their fdinfo shows the locks of an open file in
 * every process that shares it (proc_pid_fdinfo(5)). A process that hides its descriptors, as the Codex command line
 * does, can only be taken at its entry in `/proc/locks`.
 */
export async function lockHolder(fd: number): Promise<LockHolder | undefined> {
  const file = await lockedFile(fd);
  if (file === undefined) return undefined;
  const pid = await holderOf(file);
  const program = pid === undefined ? undefined : await programOf(pid);
  return pid === undefined || program === undefined ? undefined : { pid, program };
}

interface LockedFile {
  /** `major:minor:inode` the way the kernel writes it in lists of locks. */
  readonly identity: string;
  readonly name: string;
}

async function holderOf(file: LockedFile): Promise<number | undefined> {
  const recorded = ownersOf(file, await textOf('/proc/locks'));
  const hidden: number[] = [];
  for (const pid of [...recorded, ...(await processes())]) {
    const holds = await holdsLock(pid, file);
    if (holds === 'yes') return pid;
    if (holds === 'hidden') hidden.push(pid);
  }
  return hidden.find((pid) => recorded.includes(pid));
}

/**
 * The device is that of the mount: on some file systems (btrfs, overlays) stat(2) shows another one than the kernel
 * keeps its locks by.
 */
async function lockedFile(fd: number): Promise<LockedFile | undefined> {
  const [info, mounts] = await Promise.all([
    textOf(`/proc/self/fdinfo/${fd}`),
    textOf('/proc/self/mountinfo'),
  ]);
  const mount = /^mnt_id:\s*(\d+)$/m.exec(info)?.[1];
  const [, major, minor] = new RegExp(`^${mount} \\d+ (\\d+):(\\d+) `, 'm').exec(mounts) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  // Kernels before 5.14 do not write the inode there.
  const inode = /^ino:\s*(\d+)$/m.exec(info)?.[1] ?? String(fstatSync(fd, { bigint: true }).ino);
  const name = basename(await readlink(`/proc/self/fd/${fd}`));
  return { identity: `${hex(major)}:${hex(minor)}:${inode}`, name };
}

const hex = (decimal: string): string => Number(decimal).toString(16).padStart(2, '0');

function ownersOf(file: LockedFile, locks: string): number[] {
  return [...locks.matchAll(FLOCK)].filter(([, , at]) => at === file.identity).map(([, pid]) => Number(pid));
}

async function processes(): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

async function holdsLock(pid: number, file: LockedFile): Promise<Holds> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch((error: NodeJS.ErrnoException) => error);
  if (descriptors instanceof Error) return descriptors.code === 'EACCES' ? 'hidden' : 'no';
  const infos = await Promise.all(descriptors.map((descriptor) => locksOf(pid, descriptor, file)));
  return infos.some((info) => ownersOf(file, info).length > 0) ? 'yes' : 'no';
}

/** Most descriptors are passed over by their file's name, which is read without touching its file system. */
async function locksOf(pid: number, descriptor: string, file: LockedFile): Promise<string> {
  const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
  return basename(target) === file.name ? textOf(`/proc/${pid}/fdinfo/${descriptor}`) : '';
}

/** What cannot be read, or is gone by now, says nothing. */
async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
