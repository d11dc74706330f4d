import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type AppendCalls, lineAppender, REAL_CALLS } from './appender.ts';
import { RolloutError, toRolloutError } from './errors.ts';
import { groupSync } from './group-sync.ts';
import { renderLine } from './line.ts';
import { openRegularFile, syncDirectory } from './regular-file.ts';
import { repairTail, type TailRepair } from './tail.ts';
import type { RolloutWriter } from './types.ts';

export interface WriterOptions {
  /** Longest time in ms that an append without `sync` stays off the disk. */
  readonly syncDelayMs?: number;
  readonly now?: () => Date;
  readonly calls?: AppendCalls;
}

export interface OpenedRollout {
  readonly writer: RolloutWriter;
  /** Absent when the file ended with a whole line. */
  readonly repair?: TailRepair;
}

/** @param newNames directories with names that are not durable yet */
function rolloutWriter(
  file: FileHandle,
  path: string,
  newNames: readonly string[],
  options: WriterOptions,
): RolloutWriter {
  const { syncDelayMs = 200, now = () => new Date(), calls = REAL_CALLS } = options;
  const appender = lineAppender(path, file.fd, calls);
  let unsyncedNames = newNames;
  let closing: Promise<void> | undefined;

  const syncToDisk = async (): Promise<void> => {
    try {
      await file.datasync();
      for (const directory of unsyncedNames) await syncDirectory(directory);
      unsyncedNames = [];
    } catch (error) {
      throw toRolloutError(error, `cannot sync ${path}`);
    }
    if ((await file.stat()).nlink === 0)
      throw new RolloutError('file_lost', `cannot sync ${path}: the file was removed or replaced`);
  };
  const sync = groupSync(syncToDisk, syncDelayMs);

  const finish = async (): Promise<void> => {
    try {
      await sync.now();
    } finally {
      await sync.stop();
      await file.close();
    }
  };
  const requireOpen = (): void => {
    if (closing !== undefined) throw new RolloutError('closed', `the rollout ${path} was closed`);
  };
  return {
    path,
    async append(items, { sync: isDurable = false } = {}) {
      requireOpen();
      const at = now();
      appender.append(items.map((item) => renderLine(item, at)));
      if (isDurable) await sync.now();
      else sync.soon();
    },
    async flush() {
      requireOpen();
      await sync.now();
    },
    async close() {
      closing ??= finish();
      await closing;
    },
  };
}

/** The directory of the file and those above it whose entries changed when it was made. */
function directoriesToSync(directory: string, firstCreated: string | undefined): string[] {
  if (firstCreated === undefined) return [directory];
  const changed = [directory];
  for (let current = directory; current !== dirname(firstCreated); current = dirname(current))
    changed.push(dirname(current));
  return changed;
}

function createFailure(path: string, error: unknown): RolloutError {
  const { message, code } = toRolloutError(error, `cannot create ${path}`);
  return new RolloutError(code === 'EEXIST' ? 'exists' : 'io', message, {
    ...(code && { code }),
    cause: error,
  });
}

/**
 * Creates a new, empty rollout file, readable by its owner only, and the directories above it.
 * @param path absolute
 * @throws RolloutError naming the path; `exists` when there is such a file
 */
export async function createRollout(path: string, options: WriterOptions = {}): Promise<RolloutWriter> {
  const { O_CREAT, O_EXCL, O_APPEND, O_RDWR } = constants;
  const directory = dirname(resolve(path));
  const firstCreated = await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error) => {
    throw toRolloutError(error, `cannot create ${directory}`);
  });
  const file = await open(path, O_CREAT | O_EXCL | O_APPEND | O_RDWR, 0o600).catch((error) => {
    throw createFailure(path, error);
  });
  return rolloutWriter(file, path, directoriesToSync(directory, firstCreated), options);
}

/**
 * Opens an existing rollout to go on with it, after repairing a torn end.
 * @param recoveredDirectory where a torn last line is kept
 * @throws RolloutError when it cannot be opened for writing or has no whole line
 */
export async function openRollout(
  path: string,
  recoveredDirectory: string,
  options: WriterOptions = {},
): Promise<OpenedRollout> {
  const file = await openRegularFile(path, constants.O_RDWR | constants.O_APPEND);
  try {
    const repair = await repairTail(file, path, recoveredDirectory);
    const writer = rolloutWriter(file, path, [], options);
    return repair === undefined ? { writer } : { writer, repair };
  } catch (error) {
    await file.close();
    throw toRolloutError(error, `cannot repair ${path}`);
  }
}
