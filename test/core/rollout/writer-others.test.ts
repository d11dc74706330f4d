import { execFile } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readRollout } from '../../../src/core/rollout/reader.ts';
import { countingFiles, once, switchable } from '../../support/faulty-files.ts';
import { item, userRecord, userText } from './samples.ts';
import { newWriter, rejection, textsOf } from './writers.ts';

const one = [userRecord('one')];
const two = [userRecord('two')];
const synced = { sync: true };
const foreignLine = (text: string): string => item(userText(text));

describe('a file that was removed', () => {
  it('is written again as it was before the next record', async () => {
    const { writer, path, notices } = await newWriter();
    await writer.append(one);
    const before = readFileSync(path, 'utf8');
    rmSync(path);
    await writer.append(two, { sync: true, urgent: true });
    expect(readFileSync(path, 'utf8').startsWith(before)).toBe(true);
    expect(textsOf(path)).toEqual(['one', 'two']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(notices).toEqual([expect.stringContaining(`written again, as it was: ${path}`)]);
    expect(readdirSync(dirname(path))).toEqual(['r.jsonl']);
  });

  it('comes back with its directories, its name being durable', async () => {
    const files = countingFiles();
    const { writer, path, home } = await newWriter({ files });
    await writer.append(one, synced);
    rmSync(join(home, 'sessions'), { recursive: true });
    const before = files.operations.length;
    await writer.append(two, synced);
    const synced2 = files.operations.slice(before).filter(({ name }) => name === 'fsync');
    expect(synced2.map((operation) => operation.path)).toEqual(
      expect.arrayContaining([join(home, 'sessions'), home]),
    );
    expect(textsOf(path)).toEqual(['one', 'two']);
  });

  it('comes back when only a sync notices', async () => {
    const { writer, path } = await newWriter();
    await writer.append(one);
    rmSync(path);
    await writer.flush();
    expect(textsOf(path)).toEqual(['one']);
  });

  it('comes back when it is closed', async () => {
    const { writer, path } = await newWriter();
    await writer.append(one);
    rmSync(path);
    await writer.close();
    expect(textsOf(path)).toEqual(['one']);
  });

  it('comes back with what another program had appended last', async () => {
    const foreign: string[] = [];
    const { writer, path } = await newWriter({ onForeign: (lines) => foreign.push(...lines) });
    appendFileSync(path, `${foreignLine('foreign')}\n`);
    rmSync(path);
    await writer.append(one);
    expect(textsOf(path)).toEqual(['foreign', 'one']);
    expect(foreign).toEqual([foreignLine('foreign')]);
  });

  it('comes back on the next attempt when there was no room for it, and in one piece', async () => {
    const trouble = switchable(({ name }) => name === 'handle.write');
    const { writer, path, notices } = await newWriter({ files: countingFiles(trouble) });
    rmSync(path);
    trouble.code = 'ENOSPC';
    const appended = writer.append(one);
    const refused = rejection(writer.append(two, { sync: true, urgent: true }));
    expect(await refused).toMatchObject({ fault: 'storage_full' });
    expect(readdirSync(dirname(path))).toEqual([]);
    trouble.code = undefined;
    await appended;
    expect(textsOf(path)).toEqual(['one']);
    expect(notices).toHaveLength(3);
  });

  it('comes back without the piece of a record that was refused', async () => {
    let writes = 0;
    const files = countingFiles({
      shorten: ({ name }, length) => (name === 'writeSync' && writes === 2 ? 20 : length),
      fail: ({ name }) => {
        if (name === 'ftruncateSync') return 'EPERM';
        return name === 'writeSync' && ++writes === 3 ? 'ENOSPC' : undefined;
      },
    });
    const { writer, path } = await newWriter({ files });
    await rejection(writer.append(one, { urgent: true }));
    rmSync(path);
    await writer.append(two);
    expect(textsOf(path)).toEqual(['two']);
  });

  it('comes back once, and with the lock, whichever step fails on the way', async () => {
    for (const name of [
      'mkdir',
      'open',
      'handle.read',
      'handle.sync',
      'link',
      'rm',
      'fstatSync',
      'handle.stat',
    ]) {
      let isRemoved = false;
      const files = countingFiles({ fail: once('EIO', (operation) => isRemoved && operation.name === name) });
      const locked: number[] = [];
      const { writer, path } = await newWriter({ files, lock: async (fd) => void locked.push(fd) });
      await writer.append(one, synced);
      isRemoved = true;
      rmSync(path);
      await writer.append(two);
      await writer.flush();
      await writer.close();
      expect([name, textsOf(path)]).toEqual([name, ['one', 'two']]);
      expect(locked.length).toBeGreaterThan(1);
    }
  });
});

describe('a file that was moved', () => {
  it('is followed, and has no twin', async () => {
    const { writer, path, home } = await newWriter();
    const moved = join(home, 'moved.jsonl');
    renameSync(path, moved);
    await writer.append(one, synced);
    await writer.close();
    expect(textsOf(moved)).toEqual(['one']);
    expect(existsSync(path)).toBe(false);
  });

  it('is lost when its disk fails, because nobody knows where it is', async () => {
    const trouble = switchable(({ name }) => name === 'handle.datasync');
    const { writer, path, home } = await newWriter({ files: countingFiles(trouble) });
    renameSync(path, join(home, 'moved.jsonl'));
    trouble.code = 'EIO';
    expect(await rejection(writer.append(one, synced))).toMatchObject({ fault: 'storage_lost' });
    expect(await rejection(writer.append(two))).toMatchObject({ fault: 'storage_lost' });
  });
});

describe('a file that was replaced', () => {
  it('is not written to any more, and what we had is kept', async () => {
    const { writer, path, home, notices } = await newWriter();
    await writer.append(one);
    const ours = readFileSync(path);
    writeFileSync(join(home, 'other'), 'theirs\n');
    renameSync(join(home, 'other'), path);
    const error = await rejection(writer.append(two));
    expect(error).toMatchObject({ fault: 'storage_conflict' });
    expect(error.message).toBe(`cannot append to ${path}: another file has taken its place`);
    await writer.close().catch(() => undefined);
    expect(readFileSync(path, 'utf8')).toBe('theirs\n');
    const saved = readdirSync(dirname(path)).find((name) => name.endsWith('.conflict')) ?? '';
    expect(readFileSync(join(dirname(path), saved))).toEqual(ours);
    expect(notices.at(-1)).toContain(saved);
  });

  it('needs no copy while it has another name', async () => {
    const { writer, path, home, notices } = await newWriter();
    linkSync(path, join(home, 'kept.jsonl'));
    rmSync(path);
    writeFileSync(path, 'theirs\n');
    expect(await rejection(writer.append(one))).toMatchObject({ fault: 'storage_conflict' });
    await rejection(writer.close());
    expect(readdirSync(dirname(path))).toEqual(['r.jsonl']);
    expect(notices).toHaveLength(1);
  });

  it('is noticed also when the replacement comes between removal and recovery', async () => {
    const files = countingFiles({
      before({ name, target }) {
        if (name === 'link' && target !== undefined) writeFileSync(target, 'theirs\n');
      },
    });
    const { writer, path } = await newWriter({ files });
    rmSync(path);
    expect(await rejection(writer.append(one))).toMatchObject({ fault: 'storage_conflict' });
    expect(readFileSync(path, 'utf8')).toBe('theirs\n');
  });

  it('is left alone for good after it was cut off', async () => {
    const { writer, path } = await newWriter();
    await writer.append(one);
    truncateSync(path, 10);
    expect(await rejection(writer.append(two))).toMatchObject({ fault: 'storage_conflict' });
    appendFileSync(path, 'x'.repeat(10_000));
    expect(await rejection(writer.append(two))).toMatchObject({ fault: 'storage_conflict' });
    const error = await rejection(writer.close());
    expect(error.message).toContain('1 records could not be written');
    expect(statSync(path).size).toBe(10_010);
  });
});

describe('records of another program', () => {
  it('are told before ours follow them', async () => {
    const seen: [string[], string[]][] = [];
    const made = await newWriter({ onForeign: (lines) => seen.push([[...lines], textsOf(made.path)]) });
    const foreign = ['a', 'größer'].map(foreignLine);
    const append = `require('node:fs').appendFileSync(process.argv[1], process.argv[2])`;
    await promisify(execFile)(process.execPath, ['-e', append, made.path, `${foreign.join('\n')}\n`]);
    await made.writer.append(one);
    expect(seen).toEqual([[foreign, ['a', 'größer']]]);
    expect(textsOf(made.path)).toEqual(['a', 'größer', 'one']);
    await made.writer.append(two);
    expect(seen).toHaveLength(1);
  });

  it('may be torn, and then spoil only themselves', async () => {
    const foreign: string[] = [];
    const { writer, path } = await newWriter({ onForeign: (lines) => foreign.push(...lines) });
    appendFileSync(path, `${foreignLine('whole')}\n{"torn`);
    await writer.append(one);
    await writer.append(two);
    await writer.close();
    expect(foreign).toEqual([foreignLine('whole')]);
    const stored = await readRollout(path);
    expect(stored.damagedLines).toEqual([3]);
    expect([...stored.lines.entries()]).toHaveLength(3);
  });

  it('are not taken for ours when a failed sync is made good', async () => {
    const isSync = ({ name }: { name: string }): boolean => name === 'handle.datasync';
    const { writer, path } = await newWriter({ files: countingFiles({ fail: once('EIO', isSync) }) });
    await writer.append(one);
    appendFileSync(path, `${foreignLine('foreign')}\n`);
    await writer.append(two);
    await writer.flush();
    expect(textsOf(path)).toEqual(['one', 'foreign', 'two']);
  });

  it('survive with ours when both write at once', async () => {
    const { writer, path } = await newWriter();
    const append = `for (let n = 0; n < 200; n += 1)
      require('node:fs').appendFileSync(process.argv[1], process.argv[2].replace('N', 'foreign ' + n) + '\\n');`;
    const other = promisify(execFile)(process.execPath, ['-e', append, path, foreignLine('N')]);
    let isOver = false;
    const ended = other.then(() => {
      isOver = true;
    });
    const ours: string[] = [];
    while (!isOver) {
      ours.push(`ours ${ours.length}`);
      await writer.append([userRecord(ours.at(-1) ?? '')], synced);
    }
    await ended;
    const texts = textsOf(path);
    expect(texts.filter((text) => text.startsWith('ours'))).toEqual(ours);
    expect(texts.filter((text) => text.startsWith('foreign'))).toHaveLength(200);
  });
});

it('removes a directory in place of the file from nobody', async () => {
  const { writer, path } = await newWriter();
  rmSync(path);
  mkdirSync(path);
  expect(await rejection(writer.append(one))).toMatchObject({ fault: 'storage_conflict' });
  expect(statSync(path).isDirectory()).toBe(true);
});
