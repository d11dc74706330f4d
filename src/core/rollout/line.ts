import { safeParse } from 'secure-json-parse';
import { z } from 'zod';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import { RolloutItem, type RolloutLine } from '../../protocol/vocabulary/rollout.ts';
import { RolloutError } from './errors.ts';

/**
 * What a line turned out to be:
 * - `record`: one that we know
 * - `later_item`: a history item of a type that we do not know
 * - `foreign`: a JSON object, but not a record that we know (older files, later programs)
 * - `damaged`: anything else
 */
export type ParsedLine =
  | { kind: 'record'; line: RolloutLine }
  | { kind: 'later_item' }
  | { kind: 'foreign' }
  | { kind: 'damaged' };

/** Deeper values could not be written out again without overflowing the stack. */
const MAX_DEPTH = 64;

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

const canonical = (item: RolloutItem): RolloutItem =>
  item.type === 'response_item' ? { type: 'response_item', payload: withExplicitNulls(item.payload) } : item;

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

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isDeeperThan = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1)));

/** The searches of the secure parser cost more than the parsing; most lines cannot hold what they look for. */
const mayHideMembers = (text: string): boolean =>
  text.includes('__proto__') || text.includes('constructor') || text.includes('\\u');

function parseJson(text: string): unknown {
  if (mayHideMembers(text)) return safeParse(text);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The JSON object in a line of text, if it is one and harmless: no `__proto__`, no absurd nesting. */
export function parseObject(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isObject(value) && !isDeeperThan(value, MAX_DEPTH) ? value : undefined;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const present = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(present.map(([key, member]) => [key, withoutNulls(member)]));
}

/** Members that the reference takes as null when they are absent. */
const ABSENT_MEANS_NULL: Readonly<Record<string, JsonObject>> = {
  session_meta: { instructions: null },
  task_started: { model_context_window: null },
  task_complete: { last_agent_message: null },
  token_count: { info: null },
  plan_update: { explanation: null },
};

/** The reference takes null for absent and absent for null. */
function lenient(type: unknown, payload: unknown): unknown {
  const present = withoutNulls(payload);
  if (!isObject(present)) return { type, payload };
  const subject = type === 'event_msg' ? present.type : type;
  return { type, payload: { ...ABSENT_MEANS_NULL[String(subject)], ...present } };
}

const KNOWN_ITEMS: ReadonlySet<string> = new Set<ResponseItem['type']>([
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'local_shell_call',
  'web_search_call',
]);

function classifyUnknown(type: unknown, payload: unknown): ParsedLine {
  const itemType = type === 'response_item' && isObject(payload) ? payload.type : undefined;
  return typeof itemType === 'string' && !KNOWN_ITEMS.has(itemType)
    ? { kind: 'later_item' }
    : { kind: 'foreign' };
}

/** Reads a line as leniently as the reference does (protocol-v1, section 16); members we do not know are dropped. */
export function parseLine(text: string): ParsedLine {
  const value = parseObject(text);
  if (value === undefined) return { kind: 'damaged' };
  const { timestamp, type, payload } = value;
  if (typeof timestamp !== 'string') return { kind: 'foreign' };
  const strict = RolloutItem.safeParse({ type, payload });
  const read = strict.success ? strict : RolloutItem.safeParse(lenient(type, payload));
  if (!read.success) return classifyUnknown(type, payload);
  return { kind: 'record', line: { timestamp, ...canonical(read.data) } };
}
