import { join } from 'node:path';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import type { Log } from '../log.ts';
import { errorCode } from '../rollout/errors.ts';
import { normaliseId } from '../rollout/path.ts';
import { noteFiles } from './note-files.ts';
import { type OpenTurnNote, type ReadNote, readNote } from './open-turn-note.ts';
import { hasWholeRecords } from './whole-records.ts';

/** Where a turn begins in its rollout. */
export type TurnStart = Pick<OpenTurnNote, 'path' | 'offset'>;

/**
 * A turn that had begun and not ended when its daemon was gone; one with an `end`, in bytes, has ended if its rollout is
 * whole up to there.
 */
export interface CutOffTurn extends TurnStart {
  /** Lower case. */
  readonly conversationId: string;
  readonly end?: number;
}

/**
 * Notes of the turns that run, one small file for each conversation, written over from turn to turn, which outlive the
 * process. A rollout does not tell whether its last turn ended well or was cut off: the end of a turn is not among the
 * records that are stored (protocol-v1, section 15).
 */
export interface OpenTurns {
  /** Synchronous, so that it can be in place before the input. A failure is logged, and the turn goes on. */
  begin(conversationId: string, turn: TurnStart): void;
  /**
   * Notes that the turn is over. A failure is logged.
   * @param size of the rollout, in bytes, that has to be whole if the turn is to count as ended: it is not durable yet
   */
  end(conversationId: string, size?: number): void;
  /** Takes the file away, unless it is the note of a turn that has no end. A failure is logged. */
  forget(conversationId: string): void;
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

  const discard = async (file: string): Promise<void> => {
    await files.unlink(file).catch((err) => log.warn({ err, file }, 'it could not be removed'));
  };
  const cutOffTurn = async (name: string): Promise<CutOffTurn[]> => {
    const file = join(folder, name);
    try {
      const read = await readNamed(file, name, files);
      if (read.kind === 'running') {
        const { path, offset } = read.note;
        const turn = { conversationId: name, path, offset, ...(read.end !== undefined && { end: read.end }) };
        if (!(await hasEnded(turn, files))) return [turn];
      }
      if (read.kind === 'misfit')
        log.warn({ file, misfit: read.misfit }, 'what is no note of a turn is removed');
      await discard(file);
    } catch (err) {
      log.error({ err, file }, 'the note of a turn that was cut off cannot be read');
    }
    return [];
  };

  const notes = noteFiles(folder, files, log);
  const running = new Map<string, OpenTurnNote>();

  return {
    begin(conversationId, { path, offset }) {
      const id = conversationId.toLowerCase();
      try {
        const note = { path, offset, startedAt: now().toISOString() };
        notes.write(id, note);
        running.set(id, note);
      } catch (err) {
        log.error({ err, conversationId }, 'a running turn is not noted: if cut off it stays without an end');
      }
    },
    end(conversationId, size) {
      const id = conversationId.toLowerCase();
      const note = running.get(id);
      running.delete(id);
      try {
        if (note === undefined) notes.remove(id);
        else if (size === undefined) notes.write(id, undefined);
        else notes.addEnd(id, note, size);
      } catch {
        // What cannot be written may still be removed.
        notes.remove(id);
      }
    },
    forget(conversationId) {
      const id = conversationId.toLowerCase();
      if (notes.has(id) && !running.has(id)) notes.remove(id);
    },
    async sync(conversationId) {
      await notes
        .sync(conversationId.toLowerCase())
        .catch((err) =>
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

/** A rollout that is somewhere else by now is left to whoever looks for it. */
const hasEnded = async ({ path, offset, end }: CutOffTurn, files: FileSystem): Promise<boolean> =>
  end !== undefined && (await hasWholeRecords(path, { offset, end }, files));

async function readNamed(file: string, name: string, files: FileSystem): Promise<ReadNote> {
  return normaliseId(name) === name
    ? readNote(file, files)
    : { kind: 'misfit', misfit: 'its name is not the id of a conversation' };
}
