import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { moveToArchive, moveToSessions } from '../../../src/core/rollout/archive.ts';
import { RolloutError } from '../../../src/core/rollout/errors.ts';
import { finishMoves } from '../../../src/core/rollout/finish-moves.ts';
import { expectOne, expectWhole, hasOtherDevice, type StoredFile, storedFile, timesListed } from './moves.ts';
import { numberedFiles } from './numbered-files.ts';

type Direction = 'archive' | 'sessions';

const store = (to: Direction, elsewhere = false): StoredFile =>
  storedFile(to === 'archive' ? 'sessions' : 'archive', elsewhere);

const pathOf = (to: Direction, stored: StoredFile): string =>
  realpathSync(to === 'archive' ? stored.active : stored.archived);

const moveTo = { archive: moveToArchive, sessions: moveToSessions };

const run = promisify(execFile);

/** Compiled once for all processes. */
const compiled = mkdtempSync(join(tmpdir(), 'codexd-compiled-'));
afterAll(() => rmSync(compiled, { recursive: true, force: true }));

/** The number of operations of a move in a process of its own, or the signal that ended it before the given one. */
async function moveElsewhere(to: Direction, stored: StoredFile, operation: string): Promise<string> {
  const roots = [join(stored.codexHome, 'sessions'), join(stored.codexHome, 'archived_sessions')];
  for (const directory of [...roots, dirname(stored.active)]) mkdirSync(directory, { recursive: true });
  const [active, archive] = [
    { path: stored.active, root: roots[0] },
    { path: stored.archived, root: roots[1] },
  ];
  const [from, target] = to === 'archive' ? [active, archive] : [archive, active];
  const move = { from: from.path, to: target.path, fromRoot: from.root, toRoot: target.root };
  const args = [join(import.meta.dirname, 'killed-move.ts'), JSON.stringify(move), operation];
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled };
  return run(process.execPath, args, { env }).then(
    ({ stdout }) => stdout.trim(),
    (failure) => failure.signal ?? Promise.reject(failure),
  );
}

async function dieAt(to: Direction, operation: string): Promise<string> {
  const stored = store(to);
  const outcome = await moveElsewhere(to, stored, operation);
  expectWhole(stored);
  expect(await timesListed(stored)).toBe(1);
  expect((await finishMoves(stored.codexHome)).failed).toEqual([]);
  expectOne(stored);
  return outcome;
}

const directions: Direction[] = ['archive', 'sessions'];

describe.each(directions)('a process killed while it moves a file to %s', (to) => {
  it('REL-LC-6: leaves it whole, listed once, and in one place after the next start', async () => {
    const operations = Number(await dieAt(to, ''));
    expect(operations).toBeGreaterThan(4);
    const each = Array.from({ length: operations }, (_, operation) => dieAt(to, String(operation)));
    expect(await Promise.all(each)).toEqual(each.map(() => 'SIGKILL'));
  });
});

const cases = directions.flatMap((to) => [false, true].map((elsewhere) => [to, elsewhere] as const));

/** Counts the operations of a move, then does it once for each of them. */
async function forEachOperation(
  to: Direction,
  elsewhere: boolean,
  play: (stored: StoredFile, operation: number) => Promise<void>,
): Promise<void> {
  let operations = 0;
  const counting = numberedFiles((index) => {
    operations = index + 1;
  });
  const first = store(to, elsewhere);
  await moveTo[to](first.codexHome, pathOf(to, first), counting);
  for (let operation = 0; operation < operations; operation += 1) await play(store(to, elsewhere), operation);
}

describe.each(cases)('a move to %s (across file systems: %s)', (to, elsewhere) => {
  const skip = elsewhere && !hasOtherDevice;

  it.skipIf(skip)('that stops for good at any operation that can is finished by the next start', async () => {
    await forEachOperation(to, elsewhere, async (stored, operation) => {
      const opened: FileHandle[] = [];
      onTestFinished(async () => void (await Promise.all(opened.map((file) => file.close()))));
      const stopped = Promise.withResolvers<void>();
      const files = numberedFiles((index, canWait) => {
        if (index < operation || !canWait) return;
        stopped.resolve();
        return new Promise(() => {});
      }, opened);
      void moveTo[to](stored.codexHome, pathOf(to, stored), files);
      await stopped.promise;
      expectWhole(stored);
      expect((await finishMoves(stored.codexHome)).failed).toEqual([]);
      expectOne(stored);
      expect(await timesListed(stored)).toBe(1);
    });
  });

  it.skipIf(skip).each([
    ['once', (index: number, operation: number) => index === operation],
    ['from then on', (index: number, operation: number) => index >= operation],
  ])('in which any operation fails %s loses nothing and can be tried again', async (_what, fails) => {
    await forEachOperation(to, elsewhere, async (stored, operation) => {
      const files = numberedFiles((index) => {
        if (fails(index, operation))
          throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', errno: -5 });
      });
      const path = pathOf(to, stored);
      const failure = await moveTo[to](stored.codexHome, path, files).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure !== undefined) expect(failure).toBeInstanceOf(RolloutError);
      expectWhole(stored);
      const again = await moveTo[to](stored.codexHome, path).catch((error: unknown) => error);
      if (typeof again !== 'string') expect(again).toMatchObject({ fault: 'outside_sessions' });
      await finishMoves(stored.codexHome);
      expect(realpathSync(expectOne(stored))).not.toBe(path);
    });
  });
});
