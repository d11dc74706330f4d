import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTurns } from '../../../src/core/conversations/open-turns.ts';
import { TurnNote } from '../../../src/core/conversations/turn-note.ts';
import { countingFiles } from '../../support/faulty-files.ts';
import { conversationId, temporaryDirectory } from '../rollout/samples.ts';
import { recordingLog } from './recording-log.ts';

const id = conversationId(1);
const signal = new AbortController().signal;

/** A turn whose rollout has 5 bytes when it begins, and 12 when its records are written, which `sync` makes durable. */
function runningTurn(sync: (onWritten: () => void) => Promise<void>) {
  const home = temporaryDirectory();
  const path = join(home, 'rollout.jsonl');
  const folder = join(home, 'open-turns');
  writeFileSync(path, '12345');
  const files = countingFiles();
  const open = () => openTurns({ folder, files, log: recordingLog().log });
  const journal = {
    path,
    get size() {
      return readFileSync(path).length;
    },
    sync: (_signal: AbortSignal, onWritten: () => void) => sync(onWritten),
  };
  const note = new TurnNote({ conversationId: id, openTurns: open(), journal, isDurable: true });
  note.begin();
  writeFileSync(path, 'twelve byte\n');
  const syncedNotes = () =>
    files.operations.filter(({ name, path }) => name === 'fdatasync' && path?.startsWith(folder)).length;
  return { note, path, syncedNotes, cutOff: () => open().cutOff() };
}

describe('REL-CR-4: the note of a turn that ends with its records', () => {
  it('is synced beside them, and says how long they make the rollout', async () => {
    const durable = Promise.withResolvers<void>();
    const { note, path, syncedNotes, cutOff } = runningTurn((onWritten) => {
      onWritten();
      return durable.promise;
    });
    const ending = note.endWithRecords(signal);
    await expect.poll(syncedNotes).toBe(1);
    durable.resolve();
    await ending;
    writeFileSync(path, 'eleven byte');
    expect(await cutOff()).toEqual([{ conversationId: id, path, offset: 5, end: 12 }]);
  });

  it('is written once, however often the records are', async () => {
    const { note, syncedNotes, cutOff } = runningTurn(async (onWritten) => {
      onWritten();
      onWritten();
    });
    await note.endWithRecords(signal);
    expect(syncedNotes()).toBe(1);
    expect(await cutOff()).toEqual([]);
  });

  it('says again that the turn runs when they cannot be made durable', async () => {
    const { note, path, cutOff } = runningTurn(async (onWritten) => {
      onWritten();
      throw new Error('EIO');
    });
    await expect(note.endWithRecords(signal)).rejects.toThrow('EIO');
    expect(await cutOff()).toEqual([{ conversationId: id, path, offset: 5 }]);
  });

  it('says all the time that the turn runs while they cannot be written', async () => {
    const { note, path, cutOff } = runningTurn(() => Promise.reject(new Error('ENOSPC')));
    await expect(note.endWithRecords(signal)).rejects.toThrow('ENOSPC');
    expect(await cutOff()).toEqual([{ conversationId: id, path, offset: 5 }]);
  });
});
