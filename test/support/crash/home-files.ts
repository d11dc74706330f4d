import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { Place } from './ledger.ts';

export interface FoundRollout {
  readonly path: string;
  readonly place: Place;
}

const CLOSING_LIMIT_MS = 10_000;
const PLACES: readonly Place[] = ['sessions', 'archived_sessions'];

/** Every rollout of a home by the id in its name. */
export function findRollouts(home: string): Map<string, FoundRollout[]> {
  const found = new Map<string, FoundRollout[]>();
  for (const place of PLACES) {
    for (const file of filesBelow(path.join(home, place))) {
      const [, id] =
        /^rollout-.*-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/.exec(path.basename(file)) ?? [];
      if (id !== undefined) found.set(id, [...(found.get(id) ?? []), { path: file, place }]);
    }
  }
  return found;
}

/** Files that are in the folders of rollouts but are none. */
export const findStrays = (home: string): string[] =>
  PLACES.flatMap((place) => filesBelow(path.join(home, place))).filter(
    (file) => !/^rollout-.*\.jsonl$/.test(path.basename(file)),
  );

/** Ends that were cut off from the rollout of that name. */
export const recoveredTails = (home: string, rollout: string): Buffer[] =>
  filesBelow(path.join(home, 'codexd', 'recovered'))
    .filter((file) => path.basename(file).startsWith(path.basename(rollout)))
    .map((file) => readFileSync(file));

/** Of a conversation without a turn that runs the note says nothing. */
export const openTurnNotes = (home: string): string[] =>
  filesBelow(path.join(home, 'codexd', 'open-turns')).filter(
    (file) => !/^[0-9a-f]{8} \{\}\n/.test(readIfThere(file)),
  );

const BLOCK_BYTES = 512;

const padded = (line: string): string =>
  line.padEnd(Math.ceil(line.length / BLOCK_BYTES) * BLOCK_BYTES, '\0');

const checkedLine = (said: string, before = ''): string =>
  `${crc32(Buffer.from(before + said, 'latin1'))
    .toString(16)
    .padStart(8, '0')} ${said}\n`;

/** Lets a note speak of files below another folder, as if it had been written there, with its end if it has one. */
export function moveNote(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'latin1');
  const [line = '', said = ''] = /^[0-9a-f]{8} (.*)\n/.exec(text) ?? [];
  if (line !== checkedLine(said)) {
    writeFileSync(file, text.replaceAll(from, to), 'latin1');
    return;
  }
  const moved = checkedLine(said.replaceAll(from, to));
  const rest = text.slice(padded(line).length);
  const [end, saidOfEnd = ''] = /^[0-9a-f]{8} (.*)\n/.exec(rest) ?? [];
  const isWhole = end === checkedLine(saidOfEnd, line);
  writeFileSync(file, padded(moved) + (isWhole ? padded(checkedLine(saidOfEnd, moved)) : rest), 'latin1');
}

/** A daemon that runs may remove it meanwhile. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Resolves when no note of a running turn is left, or when that takes too long. */
export async function awaitClosings(home: string): Promise<void> {
  const limit = Date.now() + CLOSING_LIMIT_MS;
  while (openTurnNotes(home).length > 0 && Date.now() < limit) await delay(20);
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
