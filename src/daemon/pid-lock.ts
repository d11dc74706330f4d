import { linkSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceLock } from './lock.ts';
import { systemErrorCode } from './operator-error.ts';
import { writePrivateFile } from './private-file.ts';
import { identify, isIdentity, isSameProcess, type ProcessIdentity } from './process-identity.ts';

const PREFIX = 'daemon.pid.';

/**
 * The lock for machines without a helper for flock(2): `daemon.pid.N` files, each naming a process by pid, start time and boot.
 * A file is only ever created, never rewritten, and a dead holder's is passed over with the next number. Whoever
 * creates one looks at all others afterwards and gives way to a living one, so two can never both believe to hold it.
 *
 * @returns `undefined` when another process has the lock
 */
export async function acquirePidLock(folder: string): Promise<InstanceLock | undefined> {
  const others = generations(folder);
  if (others.some((path) => isHeld(path))) return undefined;
  const path = join(folder, `${PREFIX}${nextNumber(others)}`);
  if (!(await createRecord(path))) return undefined;
  const rivals = generations(folder).filter((other) => other !== path);
  if (rivals.some((rival) => isHeld(rival))) {
    rmSync(path, { force: true });
    return undefined;
  }
  for (const dead of rivals) rmSync(dead, { force: true });
  return { kind: 'pid file', release: () => rmSync(path, { force: true }) };
}

/** Whether that process holds its lock by a pid file. */
export function holdsPidLock(folder: string, pid: number): boolean {
  return generations(folder).some((path) => readHolder(path)?.pid === pid);
}

function generations(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^daemon\.pid\.\d+$/.test(name))
    .map((name) => join(folder, name));
}

function nextNumber(paths: readonly string[]): number {
  return Math.max(0, ...paths.map((path) => Number(path.slice(path.lastIndexOf('.') + 1)))) + 1;
}

function isHeld(path: string): boolean {
  const holder = readHolder(path);
  return holder !== undefined && isSameProcess(holder);
}

/** @returns `undefined` for a file that is gone or names no process */
function readHolder(path: string): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isIdentity(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `link` fails when the name is taken and shows the record whole or not at all. */
async function createRecord(path: string): Promise<boolean> {
  const draft = `${path}.${process.pid}`;
  await writePrivateFile(draft, JSON.stringify(identify(process.pid)));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
