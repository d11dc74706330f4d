import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkRolloutPath, moveToArchive } from '../../../src/core/rollout/archive.ts';
import {
  activePath,
  conversationId,
  conversationLines,
  fileName,
  metaLine,
  temporaryDirectory,
  writeLines,
  writeText,
} from './samples.ts';

const id = conversationId(1);
const timestamp = '2025-09-10T10-00-00';
const name = fileName(timestamp, id);

function home() {
  const codexHome = temporaryDirectory();
  const path = writeLines(activePath(codexHome, timestamp, id), conversationLines(id));
  return { codexHome, path, archived: join(codexHome, 'archived_sessions', name) };
}

const OUTSIDE = (path: string): string => `rollout path \`${path}\` must be in sessions directory`;
const MISMATCH = (path: string, of = id): string =>
  `rollout path \`${path}\` does not match conversation id ${of}`;

describe('SEC-PATH-2: the path of a conversation to archive', () => {
  it('is accepted, and made canonical', async () => {
    const { codexHome, path } = home();
    expect(await checkRolloutPath(codexHome, path, id)).toBe(path);
    expect(await checkRolloutPath(codexHome, path, id.toUpperCase())).toBe(path);
    const winding = `${codexHome}/sessions/2025/../2025/./09/10/${name}`;
    expect(await checkRolloutPath(codexHome, winding, id)).toBe(path);
  });

  it.each<[string, (home: { codexHome: string; path: string }) => string]>([
    ['is missing', ({ path }) => `${path}x`],
    ['is relative', ({ path }) => relative(process.cwd(), path)],
    ['is empty', () => ''],
    ['has a NUL in it', ({ path }) => `${path}\0`],
    ['is very long', ({ path }) => `${'/.'.repeat(3000)}${path}`],
    ['ends in a slash', ({ path }) => `${path}/`],
    [
      'leads out with ..',
      ({ codexHome }) =>
        writeText(join(codexHome, 'config.toml'), '').replace('config', 'sessions/../config'),
    ],
    [
      'lies in sessions-evil',
      ({ codexHome }) => writeLines(join(codexHome, 'sessions-evil', name), conversationLines(id)),
    ],
    [
      'lies in the archive',
      ({ codexHome }) => writeLines(join(codexHome, 'archived_sessions', name), conversationLines(id)),
    ],
    [
      'is a link that leads out',
      ({ codexHome, path }) => {
        renameSync(path, join(codexHome, name));
        symlinkSync(join(codexHome, name), path);
        return path;
      },
    ],
    [
      'lies in a directory that leads out',
      ({ codexHome, path }) => {
        renameSync(dirname(path), join(codexHome, 'elsewhere'));
        symlinkSync(join(codexHome, 'elsewhere'), dirname(path));
        return path;
      },
    ],
  ])('is outside when it %s', async (_what, prepare) => {
    const made = home();
    const path = prepare(made);
    await expect(checkRolloutPath(made.codexHome, path, conversationId(9))).rejects.toMatchObject({
      fault: 'outside_sessions',
      message: OUTSIDE(path),
    });
  });

  it.each<[string, (home: { codexHome: string; path: string }) => string]>([
    ['the directory itself', ({ codexHome }) => join(codexHome, 'sessions')],
    ['a directory', ({ path }) => dirname(path)],
    [
      'a directory with the right name',
      ({ path }) => {
        rmSync(path);
        mkdirSync(path);
        return path;
      },
    ],
    ['a file of another extension', ({ path }) => writeText(`${path}.bak`, '')],
    [
      'a file of another conversation inside',
      ({ path }) => writeLines(path, conversationLines(conversationId(2))),
    ],
    [
      'a file with the id in upper case',
      ({ path }) => writeLines(join(dirname(path), fileName(timestamp, id.toUpperCase())), [metaLine(id)]),
    ],
    [
      'a link whose target has another name',
      ({ path }) => {
        const target = join(dirname(path), 'other.jsonl');
        renameSync(path, target);
        symlinkSync(target, path);
        return path;
      },
    ],
  ])('does not match when it is %s', async (_what, prepare) => {
    const made = home();
    const path = prepare(made);
    await expect(checkRolloutPath(made.codexHome, path, id)).rejects.toMatchObject({
      fault: 'id_mismatch',
      message: MISMATCH(path),
    });
  });

  it('does not match another id', async () => {
    const { codexHome, path } = home();
    const other = conversationId(2);
    await expect(checkRolloutPath(codexHome, path, other)).rejects.toThrowError(MISMATCH(path, other));
  });

  it('may be a link from anywhere to a file inside, which is then meant', async () => {
    const { codexHome, path } = home();
    const link = join(codexHome, 'link');
    symlinkSync(path, link);
    expect(await checkRolloutPath(codexHome, link, id)).toBe(path);
  });

  it('may lead through a sessions directory that is a link', async () => {
    const { codexHome, path } = home();
    const elsewhere = temporaryDirectory();
    renameSync(join(codexHome, 'sessions'), join(elsewhere, 'kept'));
    symlinkSync(join(elsewhere, 'kept'), join(codexHome, 'sessions'));
    const real = await checkRolloutPath(codexHome, path, id);
    expect(real).toBe(path.replace(join(codexHome, 'sessions'), join(elsewhere, 'kept')));
    await moveToArchive(codexHome, real);
    expect(existsSync(join(codexHome, 'archived_sessions', name))).toBe(true);
  });

  it('is taken at its name when the file says nothing about its id', async () => {
    const { codexHome, path } = home();
    for (const content of ['', 'garbage\n']) {
      writeText(path, content);
      expect(await checkRolloutPath(codexHome, path, id)).toBe(path);
    }
  });
});

describe('archiving', () => {
  it('moves the file into a directory made for it', async () => {
    const { codexHome, path, archived } = home();
    const content = readFileSync(path);
    expect(await moveToArchive(codexHome, path)).toBe(archived);
    expect(readFileSync(archived)).toEqual(content);
    expect(existsSync(path)).toBe(false);
    expect(statSync(dirname(archived)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(archived))).toEqual([basename(path)]);
  });

  it('leaves a link that led to the file', async () => {
    const { codexHome, path, archived } = home();
    const link = join(codexHome, 'sessions', 'link.jsonl');
    symlinkSync(path, link);
    await moveToArchive(codexHome, await checkRolloutPath(codexHome, link, id));
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(existsSync(archived)).toBe(true);
  });

  it.each<[string, (archived: string) => void]>([
    ['file', (archived) => void writeText(archived, 'theirs')],
    ['directory', (archived) => void mkdirSync(archived, { recursive: true })],
    [
      'dangling link',
      (archived) => {
        mkdirSync(dirname(archived));
        symlinkSync('/nowhere', archived);
      },
    ],
  ])('never overwrites a %s', async (_what, occupy) => {
    const { codexHome, path, archived } = home();
    occupy(archived);
    const before = lstatSync(archived);
    await expect(moveToArchive(codexHome, path)).rejects.toMatchObject({
      fault: 'exists',
      message: 'File exists (os error 17)',
    });
    expect(lstatSync(archived).ino).toBe(before.ino);
    expect(existsSync(path)).toBe(true);
    expect(existsSync('/nowhere')).toBe(false);
  });

  it('finishes a move that a crash cut short between its two names', async () => {
    const { codexHome, path, archived } = home();
    mkdirSync(dirname(archived));
    linkSync(path, archived);
    expect(await moveToArchive(codexHome, path)).toBe(archived);
    expect(existsSync(path)).toBe(false);
  });

  it('SEC-PATH-3: touches nothing when the file became a link to something else after the check', async () => {
    const { codexHome, path, archived } = home();
    const secret = writeText(join(codexHome, 'auth.json'), '{"secret":true}');
    const checked = await checkRolloutPath(codexHome, path, id);
    unlinkSync(path);
    symlinkSync(secret, path);
    await expect(moveToArchive(codexHome, checked)).rejects.toMatchObject({ fault: 'outside_sessions' });
    expect(readFileSync(secret, 'utf8')).toBe('{"secret":true}');
    expect(existsSync(archived)).toBe(false);
  });

  it('fails with the cause when the directory cannot be made', async () => {
    const { codexHome, path } = home();
    writeText(join(codexHome, 'archived_sessions'), '');
    await expect(moveToArchive(codexHome, path)).rejects.toThrowError('File exists (os error 17)');
    expect(existsSync(path)).toBe(true);
  });

  it('leaves exactly one file when many do it at once', async () => {
    const { codexHome, path, archived } = home();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => moveToArchive(codexHome, path)),
    );
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ message: OUTSIDE(path) });
    expect(existsSync(path)).toBe(false);
    expect(statSync(archived).nlink).toBe(1);
  });

  const memory = '/dev/shm';
  const hasOtherDevice = existsSync(memory) && statSync(memory).dev !== statSync(tmpdir()).dev;

  it.skipIf(!hasOtherDevice)('REL-LC-7: copies when the archive is on another file system', async () => {
    const { codexHome, path, archived } = home();
    const elsewhere = mkdtempSync(join(memory, 'codexd-archive-'));
    onTestFinished(() => rmSync(elsewhere, { recursive: true }));
    symlinkSync(elsewhere, dirname(archived));
    const content = readFileSync(path);
    await moveToArchive(codexHome, path);
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(archived)).toEqual(content);
    expect(readdirSync(elsewhere)).toEqual([name]);
    writeText(path, 'another');
    await expect(moveToArchive(codexHome, path)).rejects.toMatchObject({ fault: 'exists' });
    expect(readFileSync(archived)).toEqual(content);
    expect(readdirSync(elsewhere)).toEqual([name]);
  });
});
