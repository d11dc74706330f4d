import { existsSync, fstatSync, type OpenMode, type PathLike, readFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { type FileSystem, realFileSystem } from '../../../src/core/files/file-system.ts';
import { type DiskChange, type DiskEntry, now } from './disk-record.ts';

type Call = (...args: unknown[]) => unknown;

const WRITES: ReadonlySet<unknown> = new Set(['write', 'writeFile', 'appendFile', 'truncate']);
const SYNCS: ReadonlySet<unknown> = new Set(['sync', 'datasync']);
const NOTHING = Buffer.alloc(0);

/** What a file holds, under whatever names. */
interface Inode {
  content: Buffer;
}

interface Opened {
  readonly handle: number;
  readonly inode: Inode;
}

const contentOf = (fd: number): Buffer => readFileSync(`/proc/self/fd/${fd}`);

function commonLength(a: Buffer, b: Buffer): number {
  const limit = Math.min(a.length, b.length);
  for (let at = 0; at < limit; at++) if (a[at] !== b[at]) return at;
  return limit;
}

/** Writes down what happens to files; their content is looked at after each write, however it was made. */
class DiskRecorder {
  readonly entries: DiskEntry[] = [];
  readonly #opened = new Map<number, Opened>();
  readonly #inodes = new Map<string, Inode>();
  #handles = 0;

  note(change: DiskChange): void {
    this.entries.push({ ...change, at: now() });
  }

  opened(fd: number, file: string): void {
    const handle = ++this.#handles;
    const isDirectory = !fstatSync(fd).isFile();
    const known = this.#inodes.get(file);
    const inode = known ?? { content: isDirectory ? NOTHING : contentOf(fd) };
    this.#inodes.set(file, inode);
    this.#opened.set(fd, { handle, inode });
    this.note({ kind: 'open', path: file, handle, isDirectory });
    // It may have been emptied by being opened.
    if (known && !isDirectory) this.wrote(fd);
  }

  wrote(fd: number): void {
    const opened = this.#opened.get(fd);
    if (opened === undefined) throw new Error(`a write to descriptor ${fd}, which nobody has opened`);
    const { handle, inode } = opened;
    const content = contentOf(fd);
    const keeps = commonLength(inode.content, content);
    if (keeps === content.length && keeps === inode.content.length) return;
    inode.content = content;
    this.note({ kind: 'content', handle, keeps, rest: content.toString('base64', keeps) });
  }

  async syncing(fd: number, sync: () => unknown): Promise<unknown> {
    const covers = this.entries.length;
    const handle = this.#opened.get(fd)?.handle ?? 0;
    const result = await sync();
    this.note({ kind: 'sync', handle, covers });
    return result;
  }

  made(directory: PathLike, first: string | undefined): void {
    if (first === undefined) return;
    const missing = [String(directory)];
    while (missing[0] !== undefined && missing[0] !== first) missing.unshift(path.dirname(missing[0]));
    for (const made of missing) this.note({ kind: 'mkdir', path: made });
  }

  named(kind: 'link' | 'rename', from: PathLike, to: PathLike): void {
    const inode = this.#inodes.get(String(from));
    if (inode) this.#inodes.set(String(to), inode);
    if (kind === 'rename') this.#inodes.delete(String(from));
    this.note({ kind, path: String(from), target: String(to) });
  }

  removed(file: PathLike): void {
    this.#inodes.delete(String(file));
    this.note({ kind: 'unlink', path: String(file) });
  }

  around(handle: FileHandle): FileHandle {
    const { fd } = handle;
    return new Proxy(handle, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        // `await using` takes no bound function.
        const call: Call = (...args) => value.apply(target, args);
        if (SYNCS.has(key)) return () => this.syncing(fd, call);
        if (!WRITES.has(key)) return call;
        return async (...args: unknown[]) => {
          const result = await call(...args);
          this.wrote(fd);
          return result;
        };
      },
    });
  }
}

export interface RecordingFiles extends FileSystem {
  readonly entries: readonly DiskEntry[];
}

const then = async <T>(work: Promise<T>, note: (result: T) => void): Promise<T> => {
  const result = await work;
  note(result);
  return result;
};

/** The real file system, which writes down every change that a power cut could undo. */
export function recordingFiles(files: FileSystem = realFileSystem): RecordingFiles {
  const recorder = new DiskRecorder();
  const calls = { ...descriptorCalls(recorder, files), ...nameCalls(recorder, files) };
  return { ...files, ...calls, entries: recorder.entries } as RecordingFiles;
}

function descriptorCalls(recorder: DiskRecorder, files: FileSystem): object {
  return {
    async open(file: string, flags?: OpenMode, mode?: number) {
      const handle = await files.open(file, flags, mode);
      recorder.opened(handle.fd, file);
      return recorder.around(handle);
    },
    openSync(file: string, flags: OpenMode, mode?: number) {
      const fd = files.openSync(file, flags, mode);
      recorder.opened(fd, file);
      return fd;
    },
    writeSync(fd: number, bytes: Buffer, offset?: number, length?: number, position?: number) {
      const written = files.writeSync(fd, bytes, offset, length, position);
      recorder.wrote(fd);
      return written;
    },
    fsync: (fd: number) => recorder.syncing(fd, () => files.fsync(fd)),
    fdatasync: (fd: number) => recorder.syncing(fd, () => files.fdatasync(fd)),
    ftruncateSync(fd: number, length?: number) {
      files.ftruncateSync(fd, length);
      recorder.wrote(fd);
    },
  };
}

function nameCalls(recorder: DiskRecorder, files: FileSystem): object {
  return {
    mkdir: (...args: Parameters<FileSystem['mkdir']>) =>
      then(files.mkdir(...args), (first) => recorder.made(args[0], first)),
    mkdirSync(...args: Parameters<FileSystem['mkdirSync']>) {
      const first = files.mkdirSync(...args);
      recorder.made(args[0], first);
      return first;
    },
    link: (from: string, to: string) => then(files.link(from, to), () => recorder.named('link', from, to)),
    rename: (from: string, to: string) =>
      then(files.rename(from, to), () => recorder.named('rename', from, to)),
    linkSync(from: string, to: string) {
      files.linkSync(from, to);
      recorder.named('link', from, to);
    },
    renameSync(from: string, to: string) {
      files.renameSync(from, to);
      recorder.named('rename', from, to);
    },
    unlink: (file: string) => then(files.unlink(file), () => recorder.removed(file)),
    unlinkSync(file: string) {
      files.unlinkSync(file);
      recorder.removed(file);
    },
    rm: (...args: Parameters<FileSystem['rm']>) => {
      const isThere = existsSync(args[0]);
      return then(files.rm(...args), () => {
        if (isThere) recorder.removed(args[0]);
      });
    },
  };
}
