import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ProcessScope } from '../../../src/core/process-scope.ts';
import { openChildren } from '../../../src/daemon/children/children.ts';
import { procTable } from '../../../src/daemon/children/proc-table.ts';
import { psTable } from '../../../src/daemon/children/ps-table.ts';
import { readRecords } from '../../../src/daemon/children/records.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const onLinux = process.platform === 'linux';
const ignore = () => undefined;
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Starts a shell at the head of a group of its own, and resolves when it has written its first line. */
async function start(scope: ProcessScope | undefined, script: string): Promise<ChildProcess> {
  const env = { PATH: process.env.PATH, ...scope?.env };
  const child = spawn('sh', ['-c', script], { env, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const { pid } = child;
  if (pid === undefined || !child.stdout) throw new Error('no shell');
  const unwatch = scope?.watch(pid);
  if (unwatch) child.once('exit', unwatch);
  onTestFinished(() => kill(-pid));
  await once(child.stdout, 'data');
  return child;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone, as it should be.
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

async function whenEnded(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await once(child, 'exit');
}

/** As a daemon leaves it that is killed: everything stays as it is. */
async function formerRun(): Promise<{ folder: string; scope: ProcessScope }> {
  const folder = await temporaryFolder();
  const { scope } = await openChildren(folder, log);
  return { folder, scope };
}

describe('a scope', () => {
  test('ends what runs in it and in its parts, and nothing else', async () => {
    const children = await openChildren(await temporaryFolder(), log);
    const turn = children.scope.within();
    const other = children.scope.within();
    const own = [await start(turn, 'echo; sleep 60'), await start(turn.within(), 'echo; sleep 60')];
    const foreign = await start(other, 'echo; sleep 60');
    await turn.endAll();
    await Promise.all(own.map(whenEnded));
    expect(hasEnded(foreign)).toBe(false);
    await children.close();
    await whenEnded(foreign);
  });

  test('ends what its first process has left in the background', async () => {
    const children = await openChildren(await temporaryFolder(), log);
    const first = await start(children.scope, 'sleep 60 & echo $!');
    await whenEnded(first);
    const group = -Number(first.pid);
    expect(process.kill(group, 0)).toBe(true);
    await children.close();
    await expect.poll(() => isThere(group)).toBe(false);
  });

  test.runIf(onLinux)('ends what has left its group', async () => {
    const children = await openChildren(await temporaryFolder(), log);
    const first = await start(children.scope.within(), 'setsid sh -c "echo \\$\\$; exec sleep 60" & wait');
    const [escaped] = (await processesOf(children.scope)).filter(({ group }) => group !== first.pid);
    await children.close();
    await expect.poll(() => isThere(Number(escaped?.pid))).toBe(false);
  });

  test('records a group as long as it has members', async () => {
    const folder = await temporaryFolder();
    const children = await openChildren(folder, log);
    const [run = ''] = readdirSync(path.join(folder, 'children'));
    const recorded = () => readRecords(path.join(folder, 'children', run)).map(({ group }) => group);
    await whenEnded(await start(children.scope, 'echo'));
    expect(recorded()).toEqual([]);
    const turn = children.scope.within();
    const first = await start(turn, 'sleep 60 & echo');
    await whenEnded(first);
    expect(recorded()).toEqual([first.pid]);
    await turn.endAll();
    expect(recorded()).toEqual([]);
    await children.close();
    expect(readdirSync(path.join(folder, 'children'))).toEqual([]);
  });
});

describe('SEC-EXEC-4: the next start', () => {
  test('ends the groups of the run before it, also when they hide their marker', async () => {
    const { folder, scope } = await formerRun();
    const plain = await start(scope.within(), 'echo; sleep 60');
    const hidden = await start(scope.within(), 'exec env -i sh -c "echo; sleep 60"');
    const { close } = await openChildren(folder, log);
    await Promise.all([plain, hidden].map(whenEnded));
    await close();
  });

  test.runIf(onLinux)('ends by its marker what was never recorded', async () => {
    const { folder, scope } = await formerRun();
    const { env } = scope.within();
    const child = await start({ ...scope, env, watch: () => ignore }, 'echo; sleep 60');
    await openChildren(folder, log);
    await whenEnded(child);
  });

  test('SEC-EXEC-4: leaves a process alone that got the number of a recorded group later', async () => {
    const folder = await temporaryFolder();
    const child = await start(undefined, 'echo; sleep 60');
    const group = Number(child.pid);
    const run = path.join(folder, 'children', '00000000-1111-4222-8333-444444444444');
    mkdirSync(run, { recursive: true, mode: 0o700 });
    const table = onLinux ? procTable() : psTable();
    const record = table.identify(group);
    writeFileSync(path.join(run, String(group)), JSON.stringify({ ...record, start: record.start - 10_000 }));
    writeFileSync(path.join(run, '1'), 'torn');
    await openChildren(folder, log);
    expect(readdirSync(path.join(folder, 'children'))).toHaveLength(1);
    expect(hasEnded(child)).toBe(false);
  });
});

describe.each([{ name: 'ps', open: psTable }, ...(onLinux ? [{ name: '/proc', open: procTable }] : [])])(
  'the process table of $name',
  ({ open }) => {
    test('knows a process by its group and its start', async () => {
      const child = await start(undefined, 'echo; sleep 60');
      const table = open();
      const record = table.identify(Number(child.pid));
      const listed = (await table.list()).find(({ pid }) => pid === child.pid);
      expect(listed?.group).toBe(child.pid);
      expect(table.isSameStart(Number(listed?.start), record.start)).toBe(true);
      expect(table.isSameStart(Number(listed?.start), record.start - 10_000)).toBe(false);
      expect(table.isOfThisBoot(record)).toBe(true);
    });
  },
);

/** Whether a process runs, or with a negative number one of the group. A zombie does not. */
async function isThere(target: number): Promise<boolean> {
  const table = onLinux ? procTable() : psTable();
  return (await table.list()).some(({ pid, group }) => pid === target || group === -target);
}

async function processesOf({ env }: ProcessScope) {
  const [marker = ''] = Object.values(env);
  return (await procTable().list()).filter((process) => process.marker?.startsWith(marker));
}
