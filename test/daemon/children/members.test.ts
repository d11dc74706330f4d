import { expect, test } from 'vitest';
import { selectMembers } from '../../../src/daemon/children/end-processes.ts';
import type { ListedProcess } from '../../../src/daemon/children/process-table.ts';

const table = { isSameStart: (a: number, b: number) => a === b };

const listed = (pid: number, group: number, more: Partial<ListedProcess> = {}): ListedProcess => ({
  pid,
  group,
  session: group,
  start: pid,
  marker: undefined,
  ...more,
});

const group = (number: number, start = number) => ({ group: number, start, bootId: null });

function members(processes: ListedProcess[], groups: ReturnType<typeof group>[] = []): number[] {
  return selectMembers(processes, { marker: 'run.1', groups }, table).map(({ pid }) => pid);
}

test('a marker counts with those of its parts, not with those that only begin like it', () => {
  const marked = ['run.1', 'run.1.4', 'run.10', 'run', 'other'].map((marker, index) =>
    listed(100 + index, 50, { marker }),
  );
  expect(members(marked)).toEqual([100, 101]);
});

test('a group counts with its first process or without', () => {
  expect(members([listed(7, 7), listed(8, 7)], [group(7)])).toEqual([7, 8]);
  expect(members([listed(8, 7), listed(9, 6)], [group(7)])).toEqual([8]);
});

test('a group whose number belongs to a later process does not count', () => {
  expect(members([listed(7, 7, { start: 900 }), listed(8, 7)], [group(7)])).toEqual([]);
});

test('a group without its first process that belongs to a session of another does not count', () => {
  expect(members([listed(8, 7, { session: 3 })], [group(7)])).toEqual([]);
});

test('a process that counts twice is named once', () => {
  expect(members([listed(7, 7, { marker: 'run.1' })], [group(7)])).toEqual([7]);
});
