import { appendFileSync, existsSync, linkSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REAL_CALLS } from '../../../src/core/rollout/appender.ts';
import { RolloutError } from '../../../src/core/rollout/errors.ts';
import { rolloutPath } from '../../../src/core/rollout/path.ts';
import { readRollout } from '../../../src/core/rollout/reader.ts';
import type { RolloutWriter } from '../../../src/core/rollout/types.ts';
import { createRollout, openRollout, type WriterOptions } from '../../../src/core/rollout/writer.ts';
import type { RolloutItem } from '../../../src/protocol/vocabulary/rollout.ts';
import { conversationId, sessionMeta, temporaryDirectory, userRecord } from './samples.ts';

const id = conversationId(1);
const meta: RolloutItem = { type: 'session_meta', payload: sessionMeta(id) };
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);
const textsOf = (path: string): string[] =>
  linesOf(path).flatMap((text) => {
    const payload = JSON.parse(text).payload;
    return payload.type === 'message' ? [payload.content[0].text] : [];
  });

async function create(options?: WriterOptions): Promise<{ writer: RolloutWriter; home: string }> {
  const home = temporaryDirectory();
  return { home, writer: await createRollout(rolloutPath(home, new Date(2025, 8, 10), id), options) };
}

const rejection = async (promise: Promise<unknown>): Promise<RolloutError> => {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  if (!(error instanceof RolloutError)) throw new Error(`not refused as expected: ${error}`);
  return error;
};

describe('a new rollout file', () => {
  it('belongs to its owner alone, as do the directories made for it', async () => {
    const { writer, home } = await create();
    expect(statSync(writer.path).mode & 0o777).toBe(0o600);
    for (let at = dirname(writer.path); at !== home; at = dirname(at))
      expect(statSync(at).mode & 0o777).toBe(0o700);
    await writer.close();
  });

  it('never takes the place of another', async () => {
    const { writer } = await create();
    await writer.append([meta]);
    expect(await rejection(createRollout(writer.path))).toMatchObject({ fault: 'exists', code: 'EEXIST' });
    expect(linesOf(writer.path)).toHaveLength(1);
    await writer.close();
  });

  it('is refused with its path when it cannot be made', async () => {
    const { writer } = await create();
    const error = await rejection(createRollout(join(writer.path, 'below-a-file.jsonl')));
    expect(error).toMatchObject({
      fault: 'io',
      message: `cannot create ${writer.path}: File exists (os error 17)`,
    });
    await writer.close();
  });
});

describe('appending', () => {
  it('has written the records when it returns, before anything is awaited', async () => {
    const { writer } = await create({ now: () => new Date('2025-09-10T10:00:00.001Z') });
    const appended = writer.append([meta, userRecord('one')]);
    expect(textsOf(writer.path)).toEqual(['one']);
    expect(linesOf(writer.path)[0]).toMatch(
      /^\{"timestamp":"2025-09-10T10:00:00\.001Z","type":"session_meta"/,
    );
    await appended;
    await writer.close();
  });

  it('keeps the order of calls whether they wait for the disk or not', async () => {
    const { writer } = await create();
    const texts = Array.from({ length: 60 }, (_, n) => `message ${n}`);
    await Promise.all([
      writer.append([meta]),
      ...texts.map((text, n) => writer.append([userRecord(text)], { sync: n % 3 === 0 })),
    ]);
    expect(textsOf(writer.path)).toEqual(texts);
    await writer.close();
  });

  it('writes nothing of a call in which one record does not fit', async () => {
    const { writer } = await create();
    const misfit = { type: 'compacted', payload: {} } as unknown as RolloutItem;
    expect(await rejection(writer.append([meta, misfit]))).toMatchObject({ fault: 'invalid_record' });
    expect(linesOf(writer.path)).toEqual([]);
    await writer.close();
  });

  it('is refused after closing, which may be done twice', async () => {
    const { writer } = await create();
    await writer.append([meta]);
    await Promise.all([writer.close(), writer.close()]);
    expect(await rejection(writer.append([meta]))).toMatchObject({ fault: 'closed' });
    expect(await rejection(writer.flush())).toMatchObject({ fault: 'closed' });
    expect(linesOf(writer.path)).toHaveLength(1);
  });

  it('reads back equal after any sequence of appends, closings and openings', async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.constant('reopen' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), async (steps, sync) => {
        const directory = temporaryDirectory();
        let writer = await createRollout(join(directory, 'r.jsonl'));
        await writer.append([meta]);
        const expected: string[] = [];
        for (const texts of steps) {
          if (texts === 'reopen') {
            await writer.close();
            ({ writer } = await openRollout(writer.path, directory));
          } else {
            await writer.append(texts.map(userRecord), { sync });
            expected.push(...texts);
          }
        }
        await writer.close();
        const stored = await readRollout(writer.path);
        expect(stored.damagedLines).toEqual([]);
        expect(stored.entries).toEqual(
          expected.map((text) => ({ type: 'response_item', item: userRecord(text).payload })),
        );
      }),
      { numRuns: 30 },
    );
  });
});

/** Writes at most so many bytes at once, and fails once when it is told to. */
function troubledDisk(chunkBytes: number) {
  const disk = { failAfter: Number.POSITIVE_INFINITY, truncates: true };
  const writeSync = (fd: number, bytes: Buffer, offset: number, length: number): number => {
    if (disk.failAfter <= 0) {
      disk.failAfter = Number.POSITIVE_INFINITY;
      throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    }
    const taken = REAL_CALLS.writeSync(fd, bytes, offset, Math.min(length, chunkBytes, disk.failAfter));
    disk.failAfter -= taken;
    return taken;
  };
  const ftruncateSync: typeof REAL_CALLS.ftruncateSync = (fd, size) => {
    if (!disk.truncates) throw Object.assign(new Error('no'), { code: 'EIO' });
    REAL_CALLS.ftruncateSync(fd, size);
  };
  const calls = { ...REAL_CALLS, writeSync: writeSync as typeof REAL_CALLS.writeSync, ftruncateSync };
  return { disk, calls };
}

describe('a disk that makes trouble', () => {
  it('may take records in pieces', async () => {
    const { writer } = await create({ calls: troubledDisk(3).calls });
    await writer.append([meta, userRecord('ünïcödé 😀')]);
    expect(textsOf(writer.path)).toEqual(['ünïcödé 😀']);
    await writer.close();
  });

  it('leaves nothing of a failed append behind, and later ones work', async () => {
    const { disk, calls } = troubledDisk(1000);
    const { writer } = await create({ calls });
    await writer.append([meta, userRecord('before')]);
    disk.failAfter = 180;
    const failed = rejection(
      writer.append([userRecord('first of two'), userRecord('second')], { sync: true }),
    );
    const later = writer.append([userRecord('after')]);
    const error = await failed;
    expect(error).toMatchObject({ fault: 'io', code: 'ENOSPC' });
    expect(error.message).toBe(`cannot append to ${writer.path}: No space left on device (os error 28)`);
    await later;
    expect(textsOf(writer.path)).toEqual(['before', 'after']);
    await writer.close();
  });

  it('spoils at most its own record when the torn piece cannot be taken back', async () => {
    const { disk, calls } = troubledDisk(1000);
    const { writer } = await create({ calls });
    await writer.append([meta]);
    Object.assign(disk, { failAfter: 20, truncates: false });
    await rejection(writer.append([userRecord('lost')]));
    await writer.append([userRecord('kept')]);
    await writer.close();
    const stored = await readRollout(writer.path);
    expect(stored.damagedLines).toEqual([2]);
    expect(stored.entries).toMatchObject([{ item: { content: [{ text: 'kept' }] } }]);
  });
});

describe('other programs at the same file', () => {
  it('may append, even a torn line', async () => {
    const { writer } = await create();
    await writer.append([meta]);
    appendFileSync(writer.path, '{"torn');
    await writer.append([userRecord('mine')]);
    await writer.close();
    expect(await readRollout(writer.path)).toMatchObject({
      damagedLines: [2],
      entries: [{ item: { role: 'user' } }],
    });
  });

  it('are noticed when they remove the file', async () => {
    const { writer, home } = await create();
    await writer.append([meta]);
    rmSync(writer.path);
    expect(await rejection(writer.append([userRecord('x')]))).toMatchObject({ fault: 'file_lost' });
    expect(await rejection(writer.flush())).toMatchObject({ fault: 'file_lost' });
    rmSync(join(home, 'sessions'), { recursive: true });
    expect(await rejection(writer.close())).toMatchObject({ fault: 'file_lost' });
    expect(existsSync(writer.path)).toBe(false);
  });

  it('are noticed when they cut it off', async () => {
    const { writer } = await create();
    await writer.append([meta, userRecord('x')]);
    truncateSync(writer.path, 10);
    expect(await rejection(writer.append([userRecord('y')]))).toMatchObject({ fault: 'file_lost' });
    expect(statSync(writer.path).size).toBe(10);
    await writer.close();
  });

  it('may move it: records follow the file', async () => {
    const { writer, home } = await create();
    await writer.append([meta]);
    linkSync(writer.path, join(home, 'moved.jsonl'));
    rmSync(writer.path);
    await writer.append([userRecord('still there')]);
    await writer.close();
    expect(textsOf(join(home, 'moved.jsonl'))).toEqual(['still there']);
  });
});
