import { dirname, join } from 'node:path';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import type { Log } from '../log.ts';
import { errorCode } from '../rollout/errors.ts';
import { groupSync } from '../rollout/group-sync.ts';
import { normaliseId } from '../rollout/path.ts';
import { syncDirectory } from '../rollout/regular-file.ts';
import { type OpenTurnNote, type ReadNote, readNote, syncNote, writeNote } from './open-turn-note.ts';

/** Where a turn begins in its rollout. */
export type TurnStart = Pick<OpenTurnNote, 'path' | 'offset'>;

/** A turn that had begun and not ended when its daemon was gone. */
export interface CutOffTurn extends TurnStart {
  /** Lower case. */
  readonly conversationId: string;
}

/**
 * Notes of the turns that run, one small file each, which outlive the process. A rollout does not tell whether its last
 * turn ended well or was cut off: the end of a turn is not among the records that are stored (protocol-v1, section 15).
 */
export interface OpenTurns {
  /** Synchronous, so that it can be in place before the input. A failure is logged, and the turn goes on. */
  begin(conversationId: string, turn: TurnStart): void;
  /** Takes the note away, if there is one. A failure is logged. */
  end(conversationId: string): void;
  /** Resolves when what was done last for the conversation would survive a power cut. A failure is logged. */
  sync(conversationId: string): Promise<void>;
  /**
   * What an earlier daemon left; to be asked before the first turn begins. What is no note of ours is logged and
   * removed; what cannot be read just now is logged and left.
   * @throws what the system says when the folder cannot be read
   */
  cutOff(): Promise<readonly CutOffTurn[]>;
}

export interface OpenTurnsOptions {
  /** The notes' own; made when the first one is. */
  readonly folder: string;
  readonly files?: FileSystem;
  readonly log: Log;
  readonly now?: () => Date;
}

export function openTurns(options: OpenTurnsOptions): OpenTurns {
  const { folder, files = realFileSystem, log, now = () => new Date() } = options;
  const pathOf = (conversationId: string): string => join(folder, conversationId.toLowerCase());

  const discard = async (file: string, misfit: string): Promise<void> => {
    log.warn({ file, misfit }, 'a file that is no note of a running turn is removed');
    await files.unlink(file).catch((err) => log.warn({ err, file }, 'it could not be removed'));
  };
  const cutOffTurn = async (name: string): Promise<CutOffTurn[]> => {
    const file = join(folder, name);
    try {
      const { note, misfit } = await readNamed(file, name, files);
      if (note !== undefined) return [{ conversationId: name, path: note.path, offset: note.offset }];
      await discard(file, misfit);
    } catch (err) {
      log.error({ err, file }, 'the note of a turn that was cut off cannot be read');
    }
    return [];
  };

  // One for all who wait: the notes share a folder.
  const names = groupSync(() => syncFolder(folder, files), 0);
  const sync = async (conversationId: string): Promise<void> => {
    if (noted.has(conversationId)) await syncNote(pathOf(conversationId), files);
    await names.now();
  };

  const noted = new Set<string>();
  // Ended or begun again since, of which the note knows nothing.
  const generations = new Map<string, number>();
  const remove = (conversationId: string, attempt = 0): void => {
    const generation = generations.get(conversationId) ?? 0;
    try {
      files.unlinkSync(pathOf(conversationId));
      generations.delete(conversationId);
    } catch (err) {
      if (errorCode(err) === 'ENOENT') return void generations.delete(conversationId);
      if (attempt === 0) log.error({ err, conversationId }, 'the note of an ended turn stays for now');
      setTimeout(() => {
        if ((generations.get(conversationId) ?? 0) === generation) remove(conversationId, attempt + 1);
      }, 500).unref();
    }
  };

  return {
    begin(conversationId, { path, offset }) {
      generations.set(conversationId, (generations.get(conversationId) ?? 0) + 1);
      try {
        writeNote(pathOf(conversationId), { path, offset, startedAt: now().toISOString() }, files);
        noted.add(conversationId);
      } catch (err) {
        log.error({ err, conversationId }, 'a running turn is not noted: if cut off it stays without an end');
      }
    },
    end(conversationId) {
      noted.delete(conversationId);
      remove(conversationId);
    },
    async sync(conversationId) {
      await sync(conversationId).catch((err) =>
        log.error({ err, conversationId }, 'a power cut would undo what was noted of a turn'),
      );
    },
    async cutOff() {
      const names = await files.readdir(folder).catch((error) => {
        if (errorCode(error) === 'ENOENT') return [];
        throw error;
      });
      return (await Promise.all(names.sort().map(cutOffTurn))).flat();
    },
  };
}

/** The folder and those above it that may have been made for it. */
async function syncFolder(folder: string, files: FileSystem): Promise<void> {
  for (const directory of [folder, dirname(folder)])
    await syncDirectory(directory, files).catch((error) => {
      // Where nothing was noted there is nothing to lose.
      if (errorCode(error) !== 'ENOENT') throw error;
    });
}

async function readNamed(file: string, name: string, files: FileSystem): Promise<ReadNote> {
  return normaliseId(name) === name
    ? readNote(file, files)
    : { misfit: 'its name is not the id of a conversation' };
}
