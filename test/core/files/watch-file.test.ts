import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { watchFile } from '../../../src/core/files/watch-file.ts';

/** A file in a folder, and the looks at it. */
function watched() {
  const root = mkdtempSync(path.join(tmpdir(), 'codexd-watch-'));
  const folder = path.join(root, 'folder');
  mkdirSync(folder);
  const file = path.join(folder, 'file');
  const times: number[] = [];
  const warnings: object[] = [];
  const watch = watchFile(file, async () => void times.push(performance.now()), {
    warn: (details) => void warnings.push(details),
  });
  onTestFinished(async () => {
    await watch.stop();
    rmSync(root, { recursive: true, force: true });
  });
  /** Whether a look follows within a second. */
  async function isSeen(change: () => void): Promise<void> {
    await pause(50);
    const at = performance.now();
    change();
    await expect.poll(() => times.some((time) => time >= at), { timeout: 1_000, interval: 20 }).toBe(true);
  }
  return { root, folder, file, times, warnings, watch, isSeen };
}

describe('SEC-REF-6: a watched file', () => {
  test('is looked at when it is made, written, given another mode, replaced and removed', async () => {
    const { root, file, isSeen } = watched();
    await isSeen(() => writeFileSync(file, 'a'));
    await isSeen(() => writeFileSync(file, 'b'));
    await isSeen(() => chmodSync(file, 0o600));
    writeFileSync(path.join(root, 'other'), 'c');
    await isSeen(() => renameSync(path.join(root, 'other'), file));
    await isSeen(() => rmSync(file));
  });

  test('is found again when its folder is moved away and made anew', async () => {
    const { root, folder, file, isSeen } = watched();
    await isSeen(() => {
      renameSync(folder, path.join(root, 'away'));
      mkdirSync(folder);
    });
    await pause(500);
    await isSeen(() => writeFileSync(file, 'a'));
    await isSeen(() => writeFileSync(file, 'b'));
  });

  test('behind a link is looked at again and again, since the watch does not reach it', async () => {
    const { root, file, isSeen } = watched();
    const target = path.join(root, 'target');
    writeFileSync(target, 'a');
    await isSeen(() => symlinkSync(target, file));
    await isSeen(() => writeFileSync(target, 'b'));
    await isSeen(() => writeFileSync(target, 'c'));
  });

  test('that nothing happens to is left alone, whatever happens beside it', async () => {
    const { folder, times } = watched();
    await pause(600);
    const before = times.length;
    for (let index = 0; index < 20; index++) writeFileSync(path.join(folder, `other-${index}`), '');
    await pause(1_000);
    expect(times.length).toBe(before);
  });

  test('is looked at by one at a time, and once more for what happens meanwhile', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'codexd-watch-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    let [running, most, looks] = [0, 0, 0];
    const watch = watchFile(
      path.join(root, 'file'),
      async () => {
        most = Math.max(most, ++running);
        looks++;
        await pause(50);
        running--;
      },
      { warn: () => {} },
    );
    for (let index = 0; index < 10; index++) watch.look();
    await pause(20);
    watch.look();
    await pause(200);
    await watch.stop();
    expect([most, looks]).toEqual([1, 2]);
  });
});
