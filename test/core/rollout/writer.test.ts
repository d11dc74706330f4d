import { appendFileSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_RECORD_BYTES } from '../../../src/core/rollout/batch.ts';
import { RolloutError } from '../../../src/core/rollout/errors.ts';
import { rolloutPath } from '../../../src/core/rollout/path.ts';
import { readRollout } from '../../../src/core/rollout/reader.ts';
import type { RolloutWriter } from '../../../src/core/rollout/types.ts';
import { createRollout, openRollout } from '../../../src/core/rollout/writer.ts';
import type { WriterOptions } from '../../../src/core/rollout/writer-options.ts';
import type { RolloutItem } from '../../../src/protocol/vocabulary/rollout.ts';
import { conversationId, temporaryDirectory, userRecord } from './samples.ts';
import { linesOf, meta, newWriter, rejection, textsOf } from './writers.ts';

const id = conversationId(1);

async function create(options?: WriterOptions): Promise<{ writer: RolloutWriter; home: string }> {
  const home = temporaryDirectory();
  return { home, writer: await createRollout(rolloutPath(home, new Date(2025, 8, 10), id), options) };
}

describe('REL-WR-8: a new rollout file', () => {
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
      code: 'EEXIST',
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

  it('REL-WR-1: keeps the order of calls whether they wait for the disk or not', async () => {
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
        expect([...stored.lines.entries()]).toEqual(
          expected.map((text) => ({ type: 'response_item', item: userRecord(text).payload })),
        );
      }),
      { numRuns: 30 },
    );
  });
});

describe('REL-WR-9: the size of what is written', () => {
  it('is known without asking, in bytes', async () => {
    const { writer, path } = await newWriter();
    await writer.append([userRecord('größer')]);
    expect(writer.size).toBe(statSync(path).size);
  });

  it('may be 8 MiB for a record, and no more', async () => {
    const { writer, path } = await newWriter();
    const before = writer.size;
    await writer.append([userRecord('')]);
    const frame = writer.size - before;
    await writer.append([userRecord('x'.repeat(MAX_RECORD_BYTES - frame))]);
    const error = await rejection(writer.append([userRecord('x'.repeat(MAX_RECORD_BYTES - frame + 1))]));
    expect(error).toMatchObject({ fault: 'invalid_record' });
    expect(error.message).toContain(`${MAX_RECORD_BYTES + 1} bytes are more than the ${MAX_RECORD_BYTES}`);
    expect(statSync(path).size).toBe(before + frame + MAX_RECORD_BYTES);
  });

  it('is told to the user once when it passes 256 MiB', async () => {
    const { path, home, notices } = await newWriter();
    const large = 256 * 1024 * 1024;
    truncateSync(path, large - 1);
    appendFileSync(path, '\n');
    const { writer } = await openRollout(path, home, { onNotice: (text) => notices.push(text) });
    await writer.append([userRecord('one')]);
    await writer.append([userRecord('two')]);
    await writer.close();
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain(`larger than 256 MiB: ${path}`);
  });
});

describe('the lock of a conversation', () => {
  const taken = new RolloutError('locked', 'the conversation is in use');

  it('is waited for by those who wait for the disk, but not by the creation', async () => {
    const lock = Promise.withResolvers<void>();
    const { writer, path } = await newWriter({ lock: () => lock.promise });
    const order: string[] = [];
    const synced = writer.append([userRecord('one')], { sync: true }).then(() => order.push('synced'));
    await writer.append([userRecord('two')]);
    order.push('written');
    expect(textsOf(path)).toEqual(['one', 'two']);
    order.push('locked');
    lock.resolve();
    await synced;
    expect(order).toEqual(['written', 'locked', 'synced']);
  });

  it('stops everything when somebody else has it', async () => {
    const lock = Promise.withResolvers<void>();
    const { writer } = await newWriter({ lock: () => lock.promise });
    const first = rejection(writer.append([userRecord('one')], { sync: true, urgent: true }));
    lock.reject(taken);
    expect(await first).toBe(taken);
    expect(await rejection(writer.append([userRecord('two')]))).toBe(taken);
    await writer.close();
  });

  it('is taken before an opened file is repaired', async () => {
    const { writer, path, home } = await newWriter();
    await writer.close();
    appendFileSync(path, '{"torn');
    const torn = readFileSync(path);
    const opened = openRollout(path, home, { lock: () => Promise.reject(taken) });
    expect(await rejection(opened)).toBe(taken);
    expect(readFileSync(path)).toEqual(torn);
    const descriptors: number[] = [];
    const lock = async (fd: number): Promise<void> => void descriptors.push(fd);
    const { writer: again } = await openRollout(path, home, { lock });
    expect(descriptors).toHaveLength(1);
    await again.close();
  });
});
