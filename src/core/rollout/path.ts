import { join } from 'node:path';

/** What a rollout file's name says about it. */
export interface RolloutName {
  /** Local time of the creation, `YYYY-MM-DDTHH-MM-SS`; sorts as text. */
  readonly timestamp: string;
  /** UUID of the conversation, lower case. */
  readonly id: string;
}

export const sessionsDirectory = (codexHome: string): string => join(codexHome, 'sessions');
export const archiveDirectory = (codexHome: string): string => join(codexHome, 'archived_sessions');

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/**
 * The place of a new conversation's file: `$CODEX_HOME/sessions/YYYY/MM/DD/rollout-YYYY-MM-DDTHH-MM-SS-UUID.jsonl`, in
 * local time (protocol-v1, section 15).
 */
export function rolloutPath(codexHome: string, created: Date, id: string): string {
  const year = pad(created.getFullYear(), 4);
  const month = pad(created.getMonth() + 1);
  const day = pad(created.getDate());
  const time = [created.getHours(), created.getMinutes(), created.getSeconds()].map((part) => pad(part));
  const name = `rollout-${year}-${month}-${day}T${time.join('-')}-${id}.jsonl`;
  return join(sessionsDirectory(codexHome), year, month, day, name);
}

/** Where a file of that name belongs below `sessions/`. */
export function placeInSessions(codexHome: string, fileName: string): string | undefined {
  const name = parseRolloutName(fileName);
  if (name === undefined) return undefined;
  const day = name.timestamp.slice(0, 10).split('-');
  return join(sessionsDirectory(codexHome), ...day, fileName);
}

const TIMESTAMP = /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3])-[0-5]\d-[0-5]\d$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const BARE_UUID = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i;

/** True for `YYYY-MM-DDTHH-MM-SS` on a day that the calendar has. */
export function isFileTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1, 4).map(Number);
  const date = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day));
  return date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
}

/** The UUID in its usual spelling, also when it was written in upper case or without hyphens. */
export function normaliseId(text: string): string | undefined {
  const spelled = BARE_UUID.test(text) ? text.replace(BARE_UUID, '$1-$2-$3-$4-$5') : text;
  return UUID.test(spelled) ? spelled.toLowerCase() : undefined;
}

const NAME = /^rollout-(.{19})-([0-9a-fA-F-]{32,36})\.jsonl$/;

export function parseRolloutName(name: string): RolloutName | undefined {
  const match = NAME.exec(name);
  const timestamp = match?.[1] ?? '';
  const id = normaliseId(match?.[2] ?? '');
  return id !== undefined && isFileTimestamp(timestamp) ? { timestamp, id } : undefined;
}
