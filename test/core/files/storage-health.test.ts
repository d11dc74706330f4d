import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type StorageHealthOptions, storageHealth } from '../../../src/core/files/storage-health.ts';
import { countingFiles, switchable } from '../../support/faulty-files.ts';

const failure = (code: string, message = `cannot write: ${code}`) => ({ code, message });

/** Looks for room every few milliseconds. */
async function startedHealth(options: Partial<StorageHealthOptions> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'codexd-health-'));
  const ballastPath = join(home, 'codexd', 'ballast');
  const log: string[] = [];
  const health = storageHealth({
    ballastPath,
    ballastBytes: 4096,
    checkIntervalMs: 5,
    log: (text) => log.push(text),
    ...options,
  });
  onTestFinished(async () => {
    await health.close();
    rmSync(home, { recursive: true });
  });
  await health.start();
  return { health, ballastPath, log };
}

describe('the problem of storage', () => {
  it.each([
    ['ENOSPC', 'storage_full'],
    ['EFBIG', 'storage_full'],
    ['EACCES', 'storage_unwritable'],
    ['EROFS', 'storage_unwritable'],
    ['EIO', 'storage_error'],
    ['EMFILE', 'storage_error'],
  ])('on %s is %s until the source recovers', async (code, problem) => {
    const { health } = await startedHealth();
    const source = {};
    expect(health.problem).toBeUndefined();
    health.failed(failure(code), source);
    expect(health.problem).toBe(problem);
    health.recovered(source);
    await expect.poll(() => health.problem).toBeUndefined();
  });

  it('is the worst of those of all sources', async () => {
    const { health } = await startedHealth();
    const [broken, unwritable] = [{}, {}];
    health.failed(failure('EIO'), broken);
    health.failed(failure('EROFS'), unwritable);
    expect(health.problem).toBe('storage_unwritable');
    health.recovered(unwritable);
    expect(health.problem).toBe('storage_error');
  });
});

describe('the ballast', () => {
  it('takes its space from the start, for its owner alone', async () => {
    const { ballastPath } = await startedHealth();
    expect(statSync(ballastPath)).toMatchObject({ size: 4096 });
    expect(statSync(ballastPath).mode & 0o777).toBe(0o600);
  });

  it('is given back when space runs out, and made again when there is room', async () => {
    const trouble = switchable(({ name }) => name === 'handle.write');
    const { health, ballastPath } = await startedHealth({ files: countingFiles(trouble) });
    trouble.code = 'ENOSPC';
    health.failed(failure('ENOSPC'));
    expect(health.isFull).toBe(true);
    await expect.poll(() => existsSync(ballastPath)).toBe(false);
    expect(health.problem).toBe('storage_full');
    trouble.code = undefined;
    await expect.poll(() => health.isFull).toBe(false);
    expect(statSync(ballastPath).size).toBe(4096);
    expect(health.problem).toBeUndefined();
  });

  it('is not given back for a file that is too big', async () => {
    const { health, ballastPath } = await startedHealth();
    health.failed(failure('EFBIG'), {});
    expect(health.isFull).toBe(false);
    expect(existsSync(ballastPath)).toBe(true);
  });

  it('does without when it cannot be made', async () => {
    const trouble = switchable(({ name }) => name === 'open');
    trouble.code = 'EACCES';
    const { health, ballastPath } = await startedHealth({ files: countingFiles(trouble) });
    expect(existsSync(ballastPath)).toBe(false);
    expect(health.problem).toBeUndefined();
  });

  it('is not made where it would fill the disk again', async () => {
    const files = countingFiles();
    const statfs = async () => ({ bsize: 4096, bavail: 1, bfree: 1 });
    const small = Object.assign(files, { statfs });
    const { ballastPath } = await startedHealth({ files: small });
    expect(existsSync(ballastPath)).toBe(false);
  });

  it('of an earlier run is used again', async () => {
    const { health, ballastPath } = await startedHealth();
    await health.close();
    writeFileSync(ballastPath, 'x'.repeat(5000));
    await health.start();
    expect(statSync(ballastPath).size).toBe(5000);
  });
});

describe('the log', () => {
  it('gets the first text at once and then one per interval, the last', async () => {
    const { health, log } = await startedHealth({ logIntervalMs: 30 });
    const source = {};
    for (let n = 1; n <= 50; n += 1) health.failed(failure('EIO', `failure ${n}`), source);
    expect(log).toEqual(['failure 1']);
    await expect.poll(() => log).toEqual(['failure 1', 'failure 50']);
    health.recovered(source);
    await expect.poll(() => log.at(-1)).toBe('storage works again');
  });
});
