import { z } from 'zod';
import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import { ResponseItem } from '../../protocol/vocabulary/items.ts';
import { RolloutItem, RolloutLine } from '../../protocol/vocabulary/rollout.ts';
import { eventsOfItem } from './completed-item.ts';
import { RolloutError } from './errors.ts';
import { mend } from './mend.ts';
import { isUserMessage, withKind } from './user-message.ts';

/**
 * What a line turned out to be:
 * - `record`: one that we know
 * - `later_item`: a history item of a type that we do not know
 * - `completed_item`: what later programs write in place of events; `events` are those it stands for, if any
 * - `foreign`: a JSON object, but not a record that we know (older files, later programs)
 * - `damaged`: anything else
 *
 * `numbered` lines carry an `ordinal`, as later programs write them.
 */
export type ParsedLine =
  | { kind: 'record'; line: RolloutLine; numbered: boolean }
  | { kind: 'later_item'; numbered: boolean }
  | { kind: 'completed_item'; events: readonly EventMsg[]; numbered: boolean }
  | { kind: 'foreign'; numbered: boolean }
  | { kind: 'damaged' };

/** As deep as the reference reads. */
const MAX_DEPTH = 127;

/** Half a surrogate pair makes the whole line unreadable for the reference. */
const wellFormed = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed() : value;

/** The reference writes these members also when they are absent. */
function withExplicitNulls(item: ResponseItem): ResponseItem {
  if (item.type === 'reasoning')
    return { ...item, content: item.content ?? null, encrypted_content: item.encrypted_content ?? null };
  if (item.type !== 'local_shell_call') return item;
  const { type, call_id, status, action } = item;
  const absent = { timeout_ms: null, working_directory: null, env: null, user: null };
  const { type: kind, command, ...given } = action;
  return { type, call_id: call_id ?? null, status, action: { type: kind, command, ...absent, ...given } };
}

function canonical<T extends RolloutItem>(item: T): T {
  return item.type === 'response_item' ? { ...item, payload: withExplicitNulls(item.payload) } : item;
}

/**
 * One line of text with its end, members in the reference's order (protocol-v1, section 15).
 * @throws RolloutError `invalid_record` that names the member that does not fit
 */
export function renderLine(item: RolloutItem, at: Date): string {
  const checked = RolloutItem.safeParse(item);
  if (!checked.success)
    throw new RolloutError('invalid_record', `invalid rollout record: ${z.prettifyError(checked.error)}`);
  const { type, payload } = canonical(checked.data);
  return `${JSON.stringify({ timestamp: at.toISOString(), type, payload }, wellFormed)}\n`;
}

export type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Members that would change what other objects are, if somebody copied them. */
const isPoisonous = (key: string, value: unknown): boolean =>
  key === '__proto__' || (key === 'constructor' && isObject(value) && Object.hasOwn(value, 'prototype'));

function isSound(value: unknown, levels: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  const members = value as JsonObject;
  for (const key in members) {
    const member = members[key];
    if (!key.isWellFormed() || isPoisonous(key, member) || !isSound(member, levels - 1)) return false;
  }
  return true;
}

function hasAtMost(text: string, part: string, count: number): boolean {
  let at = -1;
  for (let found = 0; found <= count; found += 1) {
    at = text.indexOf(part, at + 1);
    if (at < 0) return true;
  }
  return false;
}

/** Nothing unsound can be in JSON without escaped characters, these names, or enough brackets. */
const isPlain = (text: string): boolean =>
  !text.includes('\\u') &&
  !text.includes('__proto__') &&
  !text.includes('constructor') &&
  hasAtMost(text, '{', MAX_DEPTH / 2) &&
  hasAtMost(text, '[', MAX_DEPTH / 2);

/** The JSON object in a line of text, if it is one and sound: no `__proto__`, no absurd nesting, no half characters. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && (isPlain(text) || isSound(value, MAX_DEPTH)) ? value : undefined;
  } catch {
    return undefined;
  }
}

const KNOWN_ITEMS: ReadonlySet<unknown> = new Set(ResponseItem.options.map((item) => item.shape.type.value));

function isLaterItem({ type, payload }: JsonObject): boolean {
  const item = type === 'response_item' && isObject(payload) ? payload.type : undefined;
  return typeof item === 'string' && !KNOWN_ITEMS.has(item);
}

function read<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const strict = schema.safeParse(value);
  if (strict.success) return strict.data;
  return mend(value, strict.error) ? schema.safeParse(value).data : undefined;
}

/** Items of the history that a later program put in place of another are known, or left out, each for itself. */
function withKnownItems(value: JsonObject): JsonObject {
  const { type, payload } = value;
  if (type !== 'compacted' || !isObject(payload) || !Array.isArray(payload.replacement_history)) return value;
  const items = payload.replacement_history.map((item) => read(ResponseItem, item));
  const replacement_history = items.filter((item) => item !== undefined).map(withExplicitNulls);
  return { ...value, payload: { ...payload, replacement_history } };
}

/** Releases that write text elements do not write of what kind a message is, whoever began the conversation. */
function withItsKind(line: RolloutLine, { payload }: JsonObject): RolloutLine {
  const isByLaterRelease = isObject(payload) && 'text_elements' in payload;
  if (!isByLaterRelease || line.type !== 'event_msg' || !isUserMessage(line.payload)) return line;
  return { ...line, payload: withKind(line.payload) };
}

const completedItem = ({ type, payload }: JsonObject): JsonObject | undefined =>
  type === 'event_msg' && isObject(payload) && payload.type === 'item_completed' ? payload : undefined;

/** Reads a line as leniently as the reference does (protocol-v1, section 16); members we do not know are dropped. */
export function parseLine(text: string): ParsedLine {
  const value = parseObject(text);
  return value === undefined ? { kind: 'damaged' } : parseRecord(value);
}

/** What the JSON object of a line turns out to be. Changes it where it has to be mended. */
export function parseRecord(value: JsonObject): ParsedLine {
  const numbered = value.ordinal !== undefined;
  const completed = completedItem(value);
  if (completed) return { kind: 'completed_item', events: eventsOfItem(completed.item), numbered };
  const line = read(RolloutLine, withKnownItems(value));
  if (line !== undefined) return { kind: 'record', line: canonical(withItsKind(line, value)), numbered };
  return { kind: isLaterItem(value) ? 'later_item' : 'foreign', numbered };
}
