import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../config/system-error.ts';
import type { FileSystem } from '../files/file-system.ts';

/** What is at the path of `auth.json`. */
export interface StoredText {
  /** Differs whenever the content may differ. */
  readonly fingerprint: string;
  /** `undefined` when there is no file, `''` when there is something that cannot be one. */
  readonly text: string | undefined;
  /** Permission bits. */
  readonly mode: number;
}

/** The file `auth.json` on disk. Operations throw the system's errors, with paths but never with content. */
export interface AuthStore {
  /** Where the file really is, after symbolic links; also when there is none yet. */
  realPath(): Promise<string>;
  /** `undefined` when what is there still has the fingerprint. */
  readUnless(fingerprint: string): Promise<StoredText | undefined>;
  /** Puts a new file (mode 0600) in place of the old one, whole and durable. Returns its fingerprint. */
  replace(text: string): Promise<string>;
  remove(): Promise<void>;
  /** Removes what writers that were killed have left behind. */
  tidy(): Promise<void>;
}

export const ABSENT = 'absent';

const MAX_BYTES = 1024 * 1024;
const MAX_LINKS = 20;
/** A temporary file lives for milliseconds. */
const LEFT_BEHIND_MS = 60_000;
const TEMPORARY = /^\.auth\.json\.[0-9a-f]{16}\.tmp$/;

export function createAuthStore(file: string, fs: FileSystem): AuthStore {
  const realPath = () => followLinks(file, fs);
  return {
    realPath,

    async readUnless(fingerprint) {
      if (fingerprintOf(file, fs) === fingerprint) return undefined;
      return readWhole(file, fs);
    },

    async replace(text) {
      const target = await realPath();
      const folder = path.dirname(target);
      const temporary = path.join(folder, `.auth.json.${randomBytes(8).toString('hex')}.tmp`);
      try {
        const fingerprint = await createDurably(temporary, text, fs);
        await fs.rename(temporary, target);
        await syncFolder(folder, fs);
        return fingerprint;
      } catch (error) {
        await fs.rm(temporary, { force: true });
        throw error;
      }
    },

    async remove() {
      const target = await realPath();
      await fs.rm(target, { force: true });
      await syncFolder(path.dirname(target), fs);
    },

    async tidy() {
      const folder = path.dirname(await realPath());
      for (const name of (await fs.readdir(folder)).filter((name) => TEMPORARY.test(name))) {
        await removeOld(path.join(folder, name), fs);
      }
    },
  };
}

/** The end of a chain of symbolic links, which need not exist. */
async function followLinks(file: string, fs: FileSystem): Promise<string> {
  let target = file;
  for (let links = 0; links < MAX_LINKS; links++) {
    const link = await readLink(target, fs);
    if (link === undefined) return target;
    target = path.resolve(path.dirname(target), link);
  }
  throw new Error(`${file} leads through more than ${MAX_LINKS} symbolic links`);
}

async function readLink(file: string, fs: FileSystem): Promise<string | undefined> {
  try {
    return await fs.readlink(file);
  } catch (error) {
    if (hasCode(error, 'EINVAL') || hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Asked before each request to the model, which a way through the thread pool would hold up for longer than this takes. */
function fingerprintOf(file: string, fs: FileSystem): string {
  const stats = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats ? describe(stats) : ABSENT;
}

/** A rename keeps all of it, so the fingerprint of a temporary file is that of the file that it becomes. */
function describe(stats: { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint }): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}

/** The fingerprint is taken before the text, so that a change in between is seen at the next look. */
async function readWhole(file: string, fs: FileSystem): Promise<StoredText> {
  let handle: FileHandle;
  try {
    // A FIFO in place of the file must not make us wait.
    handle = await fs.open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { fingerprint: ABSENT, text: undefined, mode: 0 };
    throw error;
  }
  return closing(handle, async () => {
    const stats = await handle.stat({ bigint: true });
    const readable = stats.isFile() && stats.size <= MAX_BYTES;
    const text = readable ? await handle.readFile('utf8') : '';
    return { fingerprint: describe(stats), text, mode: Number(stats.mode & 0o777n) };
  });
}

async function createDurably(file: string, text: string, fs: FileSystem): Promise<string> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const handle = await fs.open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  return closing(handle, async () => {
    await handle.writeFile(text);
    await handle.sync();
    return describe(await handle.stat({ bigint: true }));
  });
}

async function syncFolder(folder: string, fs: FileSystem): Promise<void> {
  const handle = await fs.open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  await closing(handle, () => handle.sync());
}

async function removeOld(file: string, fs: FileSystem): Promise<void> {
  const { mtimeMs } = await fs.lstat(file);
  if (Date.now() - mtimeMs > LEFT_BEHIND_MS) await fs.rm(file, { force: true });
}

async function closing<T>(handle: FileHandle, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await handle.close();
  }
}
