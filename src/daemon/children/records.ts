import { readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemErrorCode } from '../operator-error.ts';

/** A process group as it is told from a later one that got the same number. */
export interface GroupRecord {
  /** The pid of its first process, which is the number of the group. */
  readonly group: number;
  /** When that process started, in the unit of the process table. */
  readonly start: number;
  /** `null` where the system has no name for the time between two boots. */
  readonly bootId: string | null;
}

/** One file per living group: nothing to compact, nothing to be torn. Takes a fraction of a millisecond. */
export function writeRecord(folder: string, record: GroupRecord): void {
  writeFileSync(join(folder, String(record.group)), JSON.stringify(record), { mode: 0o600 });
}

export function removeRecord(folder: string, group: number): void {
  try {
    unlinkSync(join(folder, String(group)));
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}

/** A file that a crash left incomplete names no group, and is passed over. */
export function readRecords(folder: string): GroupRecord[] {
  return readdirSync(folder).flatMap((name) => {
    const record = readRecord(join(folder, name));
    return record ? [record] : [];
  });
}

function readRecord(path: string): GroupRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is GroupRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { group, start, bootId } = value as Record<string, unknown>;
  return (
    Number.isSafeInteger(group) &&
    Number(group) > 1 &&
    typeof start === 'number' &&
    (bootId === null || typeof bootId === 'string')
  );
}
