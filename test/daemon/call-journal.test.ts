import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { openCallJournal } from '../../src/daemon/call-journal.ts';
import { KeyedCalls } from '../../src/rpc/idempotency.ts';
import { temporaryFolder } from './temporary-folder.ts';

const log = pino({ level: 'silent' });
const call = { method: 'm', params: {} };

async function openCalls(folder: string) {
  const opened = await openCallJournal(folder, log);
  return { ...opened, calls: new KeyedCalls(opened) };
}

const onlyPart = (folder: string): string => path.join(folder, readdirSync(folder)[0] ?? '');

describe('REL-CL-9: the journal of keyed calls', () => {
  it('has what was answered, what failed and what was never heard of again', async () => {
    const folder = path.join(temporaryFolder(), 'keyed-calls');
    const before = await openCalls(folder);
    await before.calls.run('answered', call, () => ({ some: 'answer' }));
    await before.calls.run('failed', call, () => Promise.reject(new Error('no'))).catch(() => {});
    void before.calls.run('running', call, () => new Promise(() => {}));
    before.close();
    const { calls } = await openCalls(folder);
    const never = () => {
      throw new Error('it was run again');
    };
    expect(await calls.run('answered', call, never)).toEqual({ some: 'answer' });
    expect(await calls.run('failed', call, () => 'now')).toBe('now');
    await expect(calls.run('running', call, never)).rejects.toMatchObject({
      reason: 'idempotency_outcome_unknown',
    });
  });

  it('is in private files', async () => {
    const folder = path.join(temporaryFolder(), 'keyed-calls');
    const { calls } = await openCalls(folder);
    await calls.run('k', call, () => 'first');
    expect([statSync(folder).mode & 0o777, statSync(onlyPart(folder)).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('passes over a line that was cut off, and appends nothing to it', async () => {
    const folder = path.join(temporaryFolder(), 'keyed-calls');
    const before = await openCalls(folder);
    await before.calls.run('whole', call, () => 'first');
    before.close();
    appendFileSync(onlyPart(folder), '{"key":"torn","fing');
    const after = await openCalls(folder);
    await after.calls.run('later', call, () => 'later');
    after.close();
    const { recorded } = await openCalls(folder);
    expect(recorded.map(({ key }) => key)).toEqual(['whole', 'later']);
  });

  it('forgets what is older than a key is remembered', async () => {
    const folder = path.join(temporaryFolder(), 'keyed-calls');
    const before = await openCalls(folder);
    await before.calls.run('old', call, () => 'first');
    before.close();
    const part = onlyPart(folder);
    const aged = readFileSync(part, 'utf8').replace(/"at":\d+/g, `"at":${Date.now() - 10 * 60_000 - 1}`);
    writeFileSync(part, aged);
    const { calls } = await openCalls(folder);
    expect(await calls.run('old', call, () => 'second')).toBe('second');
  });

  it('stays small, however much is answered', async () => {
    const folder = path.join(temporaryFolder(), 'keyed-calls');
    const { calls } = await openCalls(folder);
    const long = 'x'.repeat(1024 * 1024);
    for (let count = 0; count < 40; count++) await calls.run(`key ${count}`, call, () => long);
    const sizes = readdirSync(folder).map((name) => statSync(path.join(folder, name)).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(28 * 1024 * 1024);
  });

  it('keeps a call from running when its key cannot be stored', async () => {
    const folder = path.join(temporaryFolder(), 'keyed-calls');
    const { calls } = await openCalls(folder);
    // The folder's place is taken by a file, which also stops the superuser.
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
    let runs = 0;
    const attempt = () => calls.run('k', call, () => (runs += 1));
    expect(attempt).toThrow(expect.objectContaining({ kind: 'unavailable', reason: 'storage_error' }));
    expect(runs).toBe(0);
  });

  it('is not read from a folder that others can reach into', async () => {
    const folder = path.join(temporaryFolder(), 'keyed-calls');
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    await expect(openCallJournal(folder, log)).rejects.toThrow('open to other users');
  });
});
