import { dirname, join } from 'node:path';
import { allDone } from '../all-done.ts';
import type { FileSystem } from '../files/file-system.ts';
import type { Log } from '../log.ts';
import { errorCode } from '../rollout/errors.ts';
import { groupSync } from '../rollout/group-sync.ts';
import { syncNames } from '../rollout/new-names.ts';
import { type OpenTurnNote, syncNote, writeEnd, writeNote } from './open-turn-note.ts';

/** The files that this process notes turns in, by the id of the conversation in lower case. */
export interface NoteFiles {
  has(id: string): boolean;
  /** Notes a turn, or with `undefined` that none runs. Throws what the system says. */
  write(id: string, note: OpenTurnNote | undefined): void;
  /** Adds to the note of a turn that it has ended if its rollout is whole up to the size. Throws what the system says. */
  addEnd(id: string, note: OpenTurnNote, size: number): void;
  /** A failure is logged, and it is tried again until something else is noted. */
  remove(id: string): void;
  /** Resolves when what was done last would survive a power cut. */
  sync(id: string): Promise<void>;
}

interface Written {
  /** Whether its name would survive a power cut. */
  isNamed: boolean;
}

const REMOVE_AGAIN_MS = 500;

export function noteFiles(folder: string, files: FileSystem, log: Log): NoteFiles {
  const written = new Map<string, Written>();
  // Of what was noted; a removal that comes late must not take away a later note.
  const versions = new Map<string, number>();
  // One for all who wait: the notes share a folder.
  const names = groupSync(() => syncNames([folder, dirname(folder)], files), 0);

  const remove = (id: string, version: number | undefined, isFirst: boolean): void => {
    if (versions.get(id) !== version) return;
    try {
      unlinkIfThere(join(folder, id), files);
      written.delete(id);
      versions.delete(id);
    } catch (err) {
      if (isFirst) log.error({ err, conversationId: id }, 'the note of an ended turn stays for now');
      setTimeout(() => remove(id, version, false), REMOVE_AGAIN_MS).unref();
    }
  };
  return {
    has: (id) => written.has(id),
    write(id, note) {
      versions.set(id, (versions.get(id) ?? 0) + 1);
      const isNew = writeNote(join(folder, id), note, files);
      if (isNew || !written.has(id)) written.set(id, { isNamed: false });
    },
    addEnd(id, note, size) {
      versions.set(id, (versions.get(id) ?? 0) + 1);
      writeEnd(join(folder, id), note, size, files);
    },
    remove: (id) => remove(id, versions.get(id), true),
    async sync(id) {
      const note = written.get(id);
      if (note === undefined) return names.now();
      await allDone([syncNote(join(folder, id), files), ...(note.isNamed ? [] : [names.now()])]);
      note.isNamed = true;
    },
  };
}

function unlinkIfThere(path: string, files: FileSystem): void {
  try {
    files.unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
