import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { lockDescriptor } from '../files/kernel-lock.ts';
import { lockHolder } from '../files/lock-holder.ts';
import { RolloutError } from '../rollout/errors.ts';
import { statsOf } from '../rollout/same-file.ts';
import { isFileAt, openLocked } from './lock-file.ts';
import { homeOfRollout } from './rollout-home.ts';

/**
 * Makes us the only writer of a conversation among the programs that take one of two kernel locks: that of the rollout
 * file itself, by which daemons of any home exclude each other, and that of a file in `thread-writer-locks/`, which
 * newer Codex command lines take. Neither outlives this process. Nobody is kept from reading.
 *
 * Who is refused is told, by a RolloutError `locked`, which program writes the conversation, as far as that is known.
 */
export interface WriterLock {
  /** Locks the open rollout file; the lock ends when that is closed. */
  lockFile(fd: number): Promise<void>;
  /**
   * Takes the lock of the command lines, if they are in use: their directory exists. It may come to exist later, so
   * this is to be asked again before each turn; it is cheap when nothing has changed.
   * @throws RolloutError `locked`, or `io` or `not_a_file` when there is a lock file that cannot be opened
   */
  ensure(): Promise<void>;
  /** Gives back what `ensure` took. */
  release(): Promise<void>;
}

export interface WriterLockOptions {
  readonly conversationId: string;
  /** Need not exist yet. */
  readonly rolloutPath: string;
  /** The daemon's own, for a rollout that is in none. */
  readonly codexHome: string;
  readonly files?: FileSystem;
  /** Told of a file that this machine has no means to lock; it is then written without. */
  readonly onUnavailable?: (path: string) => void;
}

export function writerLock(options: WriterLockOptions): WriterLock {
  const { conversationId, rolloutPath, codexHome, files = realFileSystem, onUnavailable } = options;
  let held: FileHandle | undefined;
  let taking: Promise<void> | undefined;
  let home: string | undefined;

  const lock = async (fd: number, path: string): Promise<void> => {
    const outcome = await lockDescriptor(fd);
    if (outcome === 'held') throw await refusal(conversationId, fd);
    if (outcome === 'unavailable') onUnavailable?.(path);
  };

  const take = async (): Promise<void> => {
    // Found once: the file may be moved while it is open.
    home ??= homeAbove(rolloutPath, files);
    const directory = join(home ?? codexHome, 'thread-writer-locks');
    if (held === undefined && statsOf(directory, files) === undefined) return;
    const path = join(directory, `${conversationId.toLowerCase()}.lock`);
    if (held !== undefined && isFileAt(path, held, files)) return;
    const locked = await openLocked(path, (fd) => lock(fd, path), files);
    if (locked === undefined) return;
    await held?.close();
    held = locked;
  };

  return {
    lockFile: (fd) => lock(fd, rolloutPath),
    ensure() {
      // Two attempts at once would find each other's lock.
      taking ??= take().finally(() => {
        taking = undefined;
      });
      return taking;
    },
    async release() {
      await taking?.catch(() => undefined);
      const file = held;
      held = undefined;
      await file?.close();
    },
  };
}

function homeAbove(rolloutPath: string, files: FileSystem): string | undefined {
  try {
    return homeOfRollout(files.realpathSync(rolloutPath));
  } catch {
    return undefined;
  }
}

async function refusal(conversationId: string, fd: number): Promise<RolloutError> {
  const holder = await lockHolder(fd);
  const who = holder === undefined ? 'another process' : `${holder.program} (pid ${holder.pid})`;
  return new RolloutError('locked', `conversation ${conversationId} is being written by ${who}`);
}
