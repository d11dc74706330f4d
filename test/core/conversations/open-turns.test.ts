import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openTurns } from '../../../src/core/conversations/open-turns.ts';
import { type FileSystem, realFileSystem } from '../../../src/core/files/file-system.ts';
import { countingFiles } from '../../support/faulty-files.ts';
import { conversationId, temporaryDirectory } from '../rollout/samples.ts';
import { recordingLog } from './recording-log.ts';

const id = conversationId(1);
const turn = { path: '/home/somebody/sessions/rollout.jsonl', offset: 1234 };

function notes(calls: Partial<FileSystem> = {}) {
  const folder = join(temporaryDirectory(), 'codexd', 'open-turns');
  const { log, lines } = recordingLog();
  const files = { ...realFileSystem, ...calls };
  const open = () => openTurns({ folder, files, log, now: () => new Date('2025-09-10T10:00:00.001Z') });
  return { folder, lines, open, turns: open() };
}

/** Fails the way the system does. */
const failing = (code: string) => (): never => {
  throw Object.assign(new Error(`${code}: refused`), { code });
};

describe('the note of a running turn', () => {
  it('is found by the next daemon when the turn has not ended', async () => {
    const { turns, open, folder } = notes();
    turns.begin(id, turn);
    expect(await open().cutOff()).toEqual([{ conversationId: id, ...turn }]);
    const [line = ''] = readFileSync(join(folder, id), 'utf8').split('\n');
    expect(JSON.parse(line.slice(9))).toEqual({ ...turn, startedAt: '2025-09-10T10:00:00.001Z' });
  });

  it('says nothing when the turn has ended, and is removed by the next daemon without a word', async () => {
    const { turns, open, folder, lines } = notes();
    turns.begin(id, turn);
    turns.end(id);
    expect(readdirSync(folder)).toEqual([id]);
    expect(await open().cutOff()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('says nothing when the rollout is whole up to where it has to be, otherwise that the turn was cut off', async () => {
    const { turns, open, folder } = notes();
    const path = join(folder, '..', 'rollout.jsonl');
    turns.begin(id, { path, offset: 3 });
    turns.end(id, 8);
    const cutOff = [{ conversationId: id, path, offset: 3, end: 8 }];
    expect(await open().cutOff()).toEqual(cutOff);
    for (const left of ['123{a}', '123\0\0\0\0\n', '123{\0\0}\n', '123{a}\n{"b": 1}\n', '123{ab}\0']) {
      writeFileSync(path, left);
      expect(await open().cutOff()).toEqual(cutOff);
    }
    writeFileSync(path, '123{ab}\n{"of another turn": 1}\n');
    expect(await open().cutOff()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is gone when it is forgotten, but not while the turn runs', () => {
    const { turns, folder } = notes();
    turns.begin(id, turn);
    turns.forget(id);
    expect(readdirSync(folder)).toEqual([id]);
    turns.end(id);
    turns.forget(id);
    turns.forget(id);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is written over from turn to turn, and stays one file of one size', () => {
    const { turns, folder } = notes();
    const note = join(folder, id);
    turns.begin(id, turn);
    const { ino, size } = statSync(note);
    for (const offset of [1, 12_345_678, 99]) {
      turns.end(id);
      expect(statSync(note)).toMatchObject({ ino, size });
      turns.begin(id, { ...turn, offset });
      expect(statSync(note)).toMatchObject({ ino, size });
    }
  });

  it('is none that was never made when a power cut stops it anywhere on top of another', async () => {
    const { turns, open, folder } = notes();
    const file = join(folder, id);
    const bytesAfter = (change: () => void): Buffer => {
      change();
      return readFileSync(file);
    };
    const before = bytesAfter(() => turns.begin(id, turn));
    const next = bytesAfter(() => turns.begin(id, { ...turn, offset: 15_678 }));
    const made = [[{ conversationId: id, ...turn }], [{ conversationId: id, ...turn, offset: 15_678 }], []];
    for (let at = 0; at <= next.length; at += 1) {
      writeFileSync(file, Buffer.concat([next.subarray(0, at), before.subarray(at)]));
      expect(made).toContainEqual(await open().cutOff());
    }
  });

  it('tells of the turn whatever a power cut leaves of the end that is added, and of no end of an earlier one', async () => {
    const { turns, open, folder } = notes();
    const file = join(folder, id);
    turns.begin(id, turn);
    const running = readFileSync(file);
    turns.end(id, 5_000);
    const ended = readFileSync(file);
    const runs = { conversationId: id, ...turn };
    for (let at = 0; at <= ended.length; at += 1) {
      const zeros = Buffer.alloc(ended.length - at);
      for (const rest of [running.subarray(at), ...(at < running.length / 2 ? [] : [zeros])]) {
        writeFileSync(file, Buffer.concat([ended.subarray(0, at), rest]));
        const [found] = await open().cutOff();
        expect([runs, { ...runs, end: 5_000 }]).toContainEqual(found);
      }
    }
    turns.begin(id, { ...turn, offset: 5_000 });
    const next = readFileSync(file);
    const half = next.length / 2;
    writeFileSync(file, Buffer.concat([next.subarray(0, half), ended.subarray(half)]));
    expect(await open().cutOff()).toEqual([{ ...runs, offset: 5_000 }]);
  });

  it('is durable with its name the first time, and from then on by one sync of its bytes', async () => {
    const files = countingFiles();
    const { turns, folder } = notes(files);
    const syncs = async (change: () => void): Promise<(string | undefined)[]> => {
      change();
      const before = files.operations.length;
      await turns.sync(id);
      const done = files.operations.slice(before).filter(({ name }) => /sync$/.test(name));
      return done.map(({ path }) => path).sort();
    };
    const note = join(folder, id);
    expect(await syncs(() => turns.begin(id, turn))).toEqual([join(folder, '..'), folder, note]);
    expect(await syncs(() => turns.end(id))).toEqual([note]);
    expect(await syncs(() => turns.begin(id, turn))).toEqual([note]);
    rmSync(note);
    expect(await syncs(() => turns.begin(id, turn))).toEqual([join(folder, '..'), folder, note]);
  });

  it('is that of the latest turn, one for each conversation, whatever the case of the id', async () => {
    const { turns, open } = notes();
    turns.begin(id.toUpperCase(), { ...turn, path: `${turn.path}.a-much-longer-one` });
    turns.begin(id, turn);
    turns.begin(conversationId(2), { ...turn, offset: 0 });
    expect(await open().cutOff()).toEqual([
      { conversationId: id, ...turn },
      { conversationId: conversationId(2), path: turn.path, offset: 0 },
    ]);
  });

  it('belongs to the owner alone, as does its folder', () => {
    const { turns, folder } = notes();
    turns.begin(id, turn);
    expect(statSync(join(folder, id)).mode & 0o777).toBe(0o600);
    for (const directory of [folder, join(folder, '..')])
      expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it('is written although the folder was removed meanwhile', async () => {
    const { turns, open, folder } = notes();
    turns.begin(id, turn);
    await realFileSystem.rm(join(folder, '..'), { recursive: true });
    turns.begin(id, turn);
    expect(await open().cutOff()).toHaveLength(1);
  });

  it('is not written through a link', () => {
    const { turns, folder, lines } = notes();
    mkdirSync(folder, { recursive: true });
    symlinkSync(join(folder, 'elsewhere'), join(folder, id));
    turns.begin(id, turn);
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
    expect(lines).toEqual([expect.objectContaining({ level: 'error', conversationId: id })]);
  });
});

describe('a disk that makes trouble', () => {
  it('does not keep a turn from running, but is logged', () => {
    for (const calls of [
      { openSync: failing('ENOSPC') },
      { writeSync: failing('EIO') },
      { writeSync: () => 1 },
    ]) {
      const { turns, lines } = notes(calls);
      turns.begin(id, turn);
      expect(lines).toEqual([expect.objectContaining({ level: 'error', conversationId: id })]);
    }
  });

  it('does not keep a turn from ending, but is logged; a turn without a note is not', () => {
    const { turns, lines } = notes({ unlinkSync: failing('EROFS') });
    turns.end(id);
    expect(lines).toEqual([expect.objectContaining({ level: 'error', conversationId: id })]);
    const other = notes();
    other.turns.end(id);
    expect(other.lines).toEqual([]);
  });

  it('does not cost a note that cannot be read just now', async () => {
    const { turns, folder, lines } = notes({ open: failing('EIO') });
    turns.begin(id, turn);
    expect(await turns.cutOff()).toEqual([]);
    expect(readdirSync(folder)).toEqual([id]);
    expect(lines).toEqual([expect.objectContaining({ level: 'error', file: join(folder, id) })]);
  });

  it('is told to who asks when the whole folder cannot be read', async () => {
    const { turns } = notes({ readdir: failing('EIO') });
    await expect(turns.cutOff()).rejects.toMatchObject({ code: 'EIO' });
  });
});

describe('what is no note', () => {
  const checked = (json: string): string => `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
  const json = JSON.stringify({ ...turn, startedAt: '2025-09-10T10:00:00.001Z' });
  const whole = checked(json);

  it.each([
    ['is empty', ''],
    ['was written in part', whole.slice(0, -10)],
    ['has no checksum', `${json}\n`],
    ['has the checksum of another', whole.replace('1234', '1235')],
    ['is not an object', checked('[]')],
    ['has no offset', checked(JSON.stringify({ ...turn, offset: undefined, startedAt: '' }))],
    ['has an offset that is none', checked(JSON.stringify({ ...turn, offset: -1, startedAt: '' }))],
    [
      'has a path that leads elsewhere from elsewhere',
      checked(JSON.stringify({ ...turn, path: '../x', startedAt: '' })),
    ],
    ['is far too large', `${whole}${' '.repeat(20_000)}`],
  ])('%s: it is removed and logged, and the others count', async (_what, text) => {
    const { turns, folder, lines } = notes();
    turns.begin(id, turn);
    const stray = join(folder, conversationId(2));
    writeFileSync(stray, text);
    expect(await turns.cutOff()).toEqual([{ conversationId: id, ...turn }]);
    expect(readdirSync(folder)).toEqual([id]);
    expect(lines).toEqual([expect.objectContaining({ level: 'warn', file: stray })]);
  });

  it('has a name that is no id, or is a link: it is removed, but not what the link leads to', async () => {
    const { turns, folder, lines } = notes();
    turns.begin(id, turn);
    const target = join(temporaryDirectory(), 'target');
    writeFileSync(target, whole);
    writeFileSync(join(folder, 'note.json'), whole);
    symlinkSync(target, join(folder, conversationId(2)));
    expect(await turns.cutOff()).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([id]);
    expect(existsSync(target)).toBe(true);
    expect(lines).toHaveLength(2);
  });

  it('is a directory: it stays, and this is logged', async () => {
    const { turns, folder, lines } = notes();
    mkdirSync(join(folder, conversationId(2)), { recursive: true });
    chmodSync(folder, 0o700);
    expect(await turns.cutOff()).toEqual([]);
    expect(existsSync(join(folder, conversationId(2)))).toBe(true);
    expect(lines).toHaveLength(2);
  });
});
