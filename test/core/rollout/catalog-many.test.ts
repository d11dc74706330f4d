import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileSystem, realFileSystem } from '../../../src/core/files/file-system.ts';
import { findRollout, listRollouts } from '../../../src/core/rollout/catalog.ts';
import {
  activePath,
  conversationId,
  conversationLines,
  fileName,
  temporaryDirectory,
  writeLines,
} from './samples.ts';

const MANY = 1_200;

const timeOf = (n: number): string =>
  new Date(Date.UTC(2025, 8, 10) + n * 1000).toISOString().slice(0, 19).replaceAll(':', '-');

let codexHome: string;
let day: string;

beforeAll(() => {
  codexHome = mkdtempSync(join(tmpdir(), 'codexd-many-'));
  day = dirname(activePath(codexHome, timeOf(0), conversationId(0)));
  mkdirSync(day, { recursive: true });
  for (let n = 0; n < MANY; n += 1) add(n);
});

afterAll(() => rmSync(codexHome, { recursive: true }));

const add = (n: number): string => {
  const path = join(day, fileName(timeOf(n), conversationId(n)));
  writeFileSync(path, `${conversationLines(conversationId(n)).join('\n')}\n`);
  return path;
};

const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from - n);

/** The real file system, a minute after everything was written, which counts how often a directory is read. */
function laterFiles(): FileSystem & { readonly reads: () => number } {
  let reads = 0;
  return {
    ...realFileSystem,
    reads: () => reads,
    opendirSync(...args) {
      reads += 1;
      return realFileSystem.opendirSync(...args);
    },
    statSync: ((path: string) => {
      const stats = realFileSystem.statSync(path, { bigint: true });
      return Object.assign(Object.create(stats), { ctimeMs: stats.ctimeMs - 60_000n });
    }) as FileSystem['statSync'],
  };
}

async function list(codexHome: string, files: FileSystem, pageSize = 5, cursor?: string) {
  const { items, nextCursor } = await listRollouts({ codexHome, pageSize, cursor, files });
  return { numbers: items.map(({ conversationId: id }) => Number(id.slice(-12))), nextCursor };
}

describe('a directory of many conversations', () => {
  it('shows every file once when one follows the cursors, whatever the size of the page', async () => {
    for (const pageSize of [500, MANY + 1]) {
      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await list(codexHome, realFileSystem, pageSize, cursor);
        seen.push(...page.numbers);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(numbers(MANY - 1, MANY));
    }
  });

  it('is not read again while it does not change, and is read again as soon as it does', async () => {
    const files = laterFiles();
    expect((await list(codexHome, files)).numbers).toEqual(numbers(MANY - 1, 5));
    const first = files.reads();
    const page = await list(codexHome, files);
    const second = files.reads();
    // Year, month and day, then all but the day.
    expect([first, second]).toEqual([4, 7]);
    const next = await list(codexHome, files, 5, page.nextCursor);
    expect(next.numbers).toEqual(numbers(MANY - 6, 5));
    expect(files.reads()).toBe(10);

    const added = add(MANY);
    expect((await list(codexHome, files)).numbers).toEqual(numbers(MANY, 5));
    renameSync(added, join(codexHome, 'moved'));
    expect((await list(codexHome, files)).numbers).toEqual(numbers(MANY - 1, 5));
    renameSync(join(codexHome, 'moved'), added);
    rmSync(added);
    expect((await list(codexHome, files)).numbers).toEqual(numbers(MANY - 1, 5));
  });

  it('is read again when its times were set back after a change', async () => {
    const files = laterFiles();
    await list(codexHome, files);
    const { atime, mtime } = statSync(day);
    const added = add(MANY);
    utimesSync(day, atime, mtime);
    expect((await list(codexHome, files)).numbers).toEqual(numbers(MANY, 5));
    rmSync(added);
  });

  it('is not remembered right after a change, which another could follow in the same tick', async () => {
    const files = laterFiles();
    const fresh = { ...files, statSync: realFileSystem.statSync };
    await list(codexHome, fresh);
    await list(codexHome, fresh);
    expect(files.reads()).toBe(8);
  });

  it('REL-ST-2: lets other work go on while it is read', async () => {
    let turns = 0;
    const count = setInterval(() => {
      turns += 1;
    }, 1);
    await Promise.all(Array.from({ length: 20 }, () => findRollout(codexHome, conversationId(MANY))));
    clearInterval(count);
    expect(turns).toBeGreaterThan(2);
  });
});

describe('names as other programs may write them', () => {
  it('are listed at their place and found, in upper case and without hyphens', async () => {
    const home = temporaryDirectory();
    const time = '2025-09-10T10-00-00';
    const spelled = [
      (id: string) => id,
      (id: string) => id.toUpperCase(),
      (id: string) => id.replaceAll('-', ''),
    ];
    const paths = spelled.map((spell, n) =>
      writeLines(activePath(home, time, spell(conversationId(n))), conversationLines(conversationId(n))),
    );
    expect((await list(home, realFileSystem)).numbers).toEqual([2, 1, 0]);
    for (const [n, path] of paths.entries())
      expect(await findRollout(home, conversationId(n))).toEqual({ path, archived: false });
  });
});

describe('later pages', () => {
  it('REL-ST-2: do not read the days that were listed before', async () => {
    const codexHome = temporaryDirectory();
    for (let day = 10; day < 30; day += 1)
      writeLines(
        activePath(codexHome, `2025-09-${day}T10-00-00`, conversationId(day)),
        conversationLines(conversationId(day)),
      );
    const files = laterFiles();
    const cursor = `2025-09-12T10-00-00|${conversationId(12)}`;
    expect((await list(codexHome, files, 2, cursor)).numbers).toEqual([11, 10]);
    // sessions, the year, the month, and the days 12, 11 and 10
    expect(files.reads()).toBe(6);
  });
});

describe('trouble', () => {
  const failing = (code: string, matches: (path: string) => boolean): FileSystem => ({
    ...realFileSystem,
    opendirSync(path, ...more) {
      if (matches(String(path))) throw Object.assign(new Error(code), { code });
      return realFileSystem.opendirSync(path, ...more);
    },
  });

  const twoDays = () => {
    const codexHome = temporaryDirectory();
    for (const n of [10, 11])
      writeLines(
        activePath(codexHome, `2025-09-${n}T10-00-00`, conversationId(n)),
        conversationLines(conversationId(n)),
      );
    return codexHome;
  };

  it.each(['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'ELOOP', 'EIO', 'ESTALE'])(
    'with one directory (%s) does not hide the others',
    async (code) => {
      const codexHome = twoDays();
      const files = failing(code, (path) => path.endsWith('/11'));
      expect((await list(codexHome, files)).numbers).toEqual([10]);
      expect(await findRollout(codexHome, conversationId(10), files)).toBeDefined();
    },
  );

  it('with looking at a file does not hide the others', async () => {
    const lstatSync = ((path: string) => {
      if (path.includes('/11/')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      return realFileSystem.lstatSync(path);
    }) as FileSystem['lstatSync'];
    expect((await list(twoDays(), { ...realFileSystem, lstatSync })).numbers).toEqual([11, 10]);
  });

  it('of the whole machine is an error and not a short list', async () => {
    const files = failing('EMFILE', (path) => path.endsWith('/11'));
    const codexHome = twoDays();
    await expect(list(codexHome, files)).rejects.toThrowError('Too many open files');
    await expect(findRollout(codexHome, conversationId(10), files)).rejects.toThrowError('cannot list');
  });

  it('with the directory of all of them is an error, not an empty list', async () => {
    const files = failing('EIO', (path) => path.endsWith('/sessions'));
    await expect(list(twoDays(), files)).rejects.toThrowError(/cannot list .*sessions: I\/O error/);
  });
});
