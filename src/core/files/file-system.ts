import * as sync from 'node:fs';
import * as promises from 'node:fs/promises';
import { promisify } from 'node:util';

type Promised =
  | 'access'
  | 'chmod'
  | 'link'
  | 'lstat'
  | 'mkdir'
  | 'open'
  | 'readdir'
  | 'readFile'
  | 'readlink'
  | 'realpath'
  | 'rename'
  | 'rm'
  | 'stat'
  | 'statfs'
  | 'unlink';

type Synchronous =
  | 'closeSync'
  | 'fstatSync'
  | 'ftruncateSync'
  | 'linkSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'opendirSync'
  | 'openSync'
  | 'readdirSync'
  | 'readSync'
  | 'renameSync'
  | 'statSync'
  | 'unlinkSync'
  | 'writeSync';

/** Of an open descriptor. Each is one errand to the thread pool; a handle costs two more, to open and to close it. */
interface DescriptorSyncs {
  fsync(fd: number): Promise<void>;
  fdatasync(fd: number): Promise<void>;
}

/**
 * Every file operation on which the durability of conversations, credentials and settings rests. Handed down from the
 * daemon, so that tests can make each single operation fail, be slow, or be the last one before the end.
 */
export type FileSystem = Pick<typeof promises, Promised> &
  Pick<typeof sync, Synchronous> &
  DescriptorSyncs & { realpathSync(path: string): string };

export const realFileSystem: FileSystem = {
  ...sync,
  ...promises,
  fsync: promisify(sync.fsync),
  fdatasync: promisify(sync.fdatasync),
  realpathSync: sync.realpathSync.native,
};
