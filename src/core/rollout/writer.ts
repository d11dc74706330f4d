import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { storageProblem } from '../files/storage-problem.ts';
import { errorCode, RolloutError, toRolloutError } from './errors.ts';
import { makeDirectoryOf, namesAbove } from './new-names.ts';
import { NOTICES } from './notices.ts';
import { OpenWriter, type WritableRollout } from './open-writer.ts';
import { openRegularFile } from './regular-file.ts';
import { storageFailure } from './storage-failure.ts';
import { repairTail, type TailRepair } from './tail.ts';
import type { RolloutWriter } from './types.ts';
import type { WriterOptions } from './writer-options.ts';

export interface OpenedRollout {
  readonly writer: RolloutWriter;
  /** Absent when the file ended with a whole line. */
  readonly repair?: TailRepair;
}

function createFailure(error: unknown, what: string, { health }: WriterOptions): RolloutError {
  const failure = storageFailure(error, `cannot create ${what}`);
  health?.failed(failure);
  return failure;
}

function openNewFailure(error: unknown, path: string, options: WriterOptions): RolloutError {
  if (errorCode(error) !== 'EEXIST') return createFailure(error, path, options);
  const { message } = toRolloutError(error, `cannot create ${path}`);
  return new RolloutError('exists', message, { code: 'EEXIST', cause: error });
}

/** In the reference's words, but telling apart what is wrong with the disk and what with the path. */
function openFailure(error: unknown): RolloutError {
  const { message, code, fault } = toRolloutError(error);
  const problem = storageProblem(code);
  if (fault !== 'io' || code === undefined || problem === 'storage_error') return toRolloutError(error);
  return new RolloutError(problem, message, { code, cause: error });
}

/**
 * Creates a new, empty rollout file, readable by its owner only, and the directories above it. Its lock is waited for
 * only by those who wait for the disk.
 * @param path absolute
 * @throws RolloutError naming the path; `exists` when there is such a file
 */
export async function createRollout(path: string, options: WriterOptions = {}): Promise<RolloutWriter> {
  const { files = realFileSystem, lock } = options;
  const { handle, newNames } = await openNew(path, files, options);
  const locked = lock?.(handle.fd) ?? Promise.resolve();
  // The writer tells; without this a failure that comes before there is a writer would end the process.
  locked.catch(() => undefined);
  return startWriter(handle, path, () => new OpenWriter({ handle, path, newNames, locked }, options));
}

const lacksDirectory = (error: unknown): boolean =>
  errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';

/** Nearly always the directory is there, so it is made only when it turns out to be missing. */
async function openNew(
  path: string,
  files: FileSystem,
  options: WriterOptions,
): Promise<Pick<WritableRollout, 'handle' | 'newNames'>> {
  const { O_CREAT, O_EXCL, O_APPEND, O_RDWR } = constants;
  const open = (): Promise<FileHandle> => files.open(path, O_CREAT | O_EXCL | O_APPEND | O_RDWR, 0o600);
  const failed = (error: unknown): never => {
    throw openNewFailure(error, path, options);
  };
  const handle = await open().catch((error) => (lacksDirectory(error) ? undefined : failed(error)));
  if (handle !== undefined) return { handle, newNames: [dirname(resolve(path))] };
  const newNames = await makeDirectoryOf(path, files).catch((error) => {
    throw createFailure(error, dirname(path), options);
  });
  return { handle: await open().catch(failed), newNames };
}

/**
 * Opens an existing rollout to go on with it, after taking its lock and repairing a torn end.
 * @param recoveredDirectory where a torn last line is kept
 * @throws RolloutError when it cannot be opened for writing, is `locked`, or has no whole line
 */
export async function openRollout(
  path: string,
  recoveredDirectory: string,
  options: WriterOptions = {},
): Promise<OpenedRollout> {
  const { files = realFileSystem, lock, onNotice } = options;
  const handle = await openRegularFile(path, constants.O_RDWR | constants.O_APPEND, files).catch((error) => {
    throw openFailure(error);
  });
  return startWriter(handle, path, async () => {
    await lock?.(handle.fd);
    const repair = await repairTail(handle, path, recoveredDirectory, files).catch((error) => {
      throw storageFailure(error, `cannot repair ${path}`);
    });
    const rollout = { handle, path, newNames: namesAbove(path), locked: Promise.resolve() };
    const writer = new OpenWriter(rollout, { recoveredDirectory, ...options });
    if (repair === undefined) return { writer };
    onNotice?.(NOTICES.repaired(repair));
    return { writer, repair };
  });
}

/** Gives the file back when nothing comes of it. */
async function startWriter<T>(handle: FileHandle, path: string, start: () => T | Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    await handle.close();
    throw storageFailure(error, `cannot write to ${path}`);
  }
}
