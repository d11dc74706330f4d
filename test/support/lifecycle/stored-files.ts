import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { activePath, conversationLines, writeLines } from '../../core/rollout/samples.ts';

export type Place = 'sessions' | 'archived';

/** A conversation's file, wherever it is. */
export interface StoredFile {
  readonly id: string;
  /** Where it is while active. */
  readonly sessions: string;
  /** Where it is while archived. */
  readonly archived: string;
  /** The same bytes under a third name, outside of both. */
  readonly copy: string;
}

/** What every stored conversation of these tests begins with. */
export const FIRST_INPUT = 'question';

const FIRST_HOUR = Date.UTC(2020, 0, 1);
const HOUR_MS = 3_600_000;
let hours = 0;

/** Later each time, so that the first page of a list has what was made last, whatever else there is. */
function nextTimestamp(): string {
  hours += 1;
  return new Date(FIRST_HOUR + hours * HOUR_MS).toISOString().slice(0, 19).replaceAll(':', '-');
}

/** Writes a short conversation as another program might have left it, and a copy of it. */
export function storeConversation(home: string, place: Place): StoredFile {
  const file = storedFile(home, randomUUID());
  writeLines(file[place], conversationLines(file.id, FIRST_INPUT));
  mkdirSync(path.dirname(file.copy), { recursive: true });
  copyFileSync(file[place], file.copy);
  return file;
}

/** The places that a file with this id would have; nothing is written. */
export function storedFile(home: string, id: string): StoredFile {
  return filesOf(home, id, activePath(home, nextTimestamp(), id));
}

export function filesOf(home: string, id: string, sessions: string): StoredFile {
  const name = path.basename(sessions);
  return {
    id,
    sessions,
    archived: path.join(home, 'archived_sessions', name),
    copy: path.join(home, 'copies', name),
  };
}

/** Where the conversation's one file is; every place, should it be in none or several. */
export function placesOf({ sessions, archived }: StoredFile): Place[] {
  return [
    ...(existsSync(sessions) ? ['sessions' as const] : []),
    ...(existsSync(archived) ? ['archived' as const] : []),
  ];
}

/** Files that bear the id where it is and where it could be, whatever their names are. */
export function filesNamedFor({ id, sessions, archived }: StoredFile): string[] {
  return [sessions, archived].map(path.dirname).flatMap((directory) => {
    const names = existsSync(directory) ? readdirSync(directory) : [];
    return names.filter((name) => name.includes(id)).map((name) => path.join(directory, name));
  });
}

interface Line {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Throws for a line that is not whole. */
export function linesOf(file: string): Line[] {
  const text = readFileSync(file, 'utf8');
  if (!text.endsWith('\n')) throw new Error(`${file} does not end with a whole line`);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** What the user said according to the events of the file, in order. */
export const shownInputs = (file: string): string[] =>
  linesOf(file).flatMap(({ type, payload }) =>
    type === 'event_msg' && payload.type === 'user_message' ? [String(payload.message)] : [],
  );

/** What the user said according to the items that the model is sent, in order. */
export const remembered = (file: string): string[] =>
  linesOf(file).flatMap(({ type, payload }) => {
    if (type !== 'response_item' || payload.type !== 'message' || payload.role !== 'user') return [];
    const [part] = payload.content as { text: string }[];
    return part && !part.text.startsWith('<environment_context>') ? [part.text] : [];
  });
