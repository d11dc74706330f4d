import type { Log } from '../../core/log.ts';
import type { ProcessScope } from '../../core/process-scope.ts';
import { systemErrorCode } from '../operator-error.ts';
import { endProcesses, isPartOf, selectMembers } from './end-processes.ts';
import { type ListedProcess, MARKER, type ProcessTable } from './process-table.ts';
import { type GroupRecord, removeRecord, writeRecord } from './records.ts';

/** What all scopes of one run of the daemon share. */
export interface Run {
  /** Where the groups are recorded. */
  readonly folder: string;
  readonly table: ProcessTable;
  readonly list: () => Promise<readonly ListedProcess[]>;
  readonly groups: Map<number, WatchedGroup>;
  readonly log: Log;
}

export interface WatchedGroup {
  readonly record: GroupRecord;
  readonly marker: string;
  hasFirst: boolean;
}

/** @param marker of the scope; its parts add `.1`, `.2` and so on */
export function createScope(run: Run, marker: string, onUse: () => void = () => {}): ProcessScope {
  let parts = 0;
  // Most turns run nothing, and need no look at all processes of the machine.
  let isUsed = false;
  const use = (): void => {
    isUsed = true;
    onUse();
  };
  return {
    env: { [MARKER]: marker },
    within() {
      parts += 1;
      return createScope(run, `${marker}.${parts}`, use);
    },
    watch(group) {
      use();
      return watchGroup(run, group, marker);
    },
    async isAlive() {
      return isUsed && (await membersOf(run, marker)).length > 0;
    },
    async endAll() {
      if (!isUsed) return;
      isUsed = false;
      await endMembers(run, marker);
    },
  };
}

function watchGroup(run: Run, group: number, marker: string): () => void {
  forgetEnded(run);
  const record = run.table.identify(group);
  const watched: WatchedGroup = { record, marker, hasFirst: true };
  run.groups.set(group, watched);
  try {
    writeRecord(run.folder, record);
  } catch (err) {
    run.log.warn({ err }, 'a process group could not be recorded; after a crash only its marker is left');
  }
  return () => {
    watched.hasFirst = false;
    forgetEnded(run);
  };
}

const groupsOf = ({ groups }: Run, marker: string): GroupRecord[] =>
  [...groups.values()].filter((group) => isPartOf(group.marker, marker)).map(({ record }) => record);

async function membersOf(run: Run, marker: string): Promise<ListedProcess[]> {
  const listed = await run.list();
  return selectMembers(listed, { marker, groups: groupsOf(run, marker) }, run.table);
}

async function endMembers(run: Run, marker: string): Promise<void> {
  const before = groupsOf(run, marker);
  try {
    await endProcesses(() => membersOf(run, marker));
    for (const { group } of before) forget(run, group);
  } catch (err) {
    run.log.error({ err }, 'looking for processes that were left behind failed');
  }
}

/** As long as a group has members its number is not given to another. */
function forgetEnded(run: Run): void {
  for (const [group, { hasFirst }] of run.groups) {
    if (!hasFirst && !hasMembers(group)) forget(run, group);
  }
}

function forget({ groups, folder }: Run, group: number): void {
  groups.delete(group);
  removeRecord(folder, group);
}

function hasMembers(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}
