import { join } from 'node:path';
import type { Stage } from './stage.ts';

/** A rollout that was there before the play. */
export interface StoredConversation {
  readonly id: string;
  readonly path: string;
}

export type RolloutLine = { readonly type: string; readonly payload: unknown };

export const userText = (text: string): RolloutLine => ({
  type: 'response_item',
  payload: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
});

export const assistantText = (text: string): RolloutLine => ({
  type: 'response_item',
  payload: { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] },
});

export const userMessageEvent = (message: string): RolloutLine => ({
  type: 'event_msg',
  payload: { type: 'user_message', message, kind: 'plain' },
});

/** An item of the history as the reference stores it. */
export const item = (payload: unknown): RolloutLine => ({ type: 'response_item', payload });

/** An event as the reference stores it. */
export const event = (payload: unknown): RolloutLine => ({ type: 'event_msg', payload });

/** A question as the reference stores it: the item and its event. */
export const question = (text: string): RolloutLine[] => [userText(text), userMessageEvent(text)];

/** An id that is the same in every run, and looks it. */
export function storedId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** The first record of a conversation. */
export function storedMeta(number: number, timestamp = timestampOf('01', '10')): RolloutLine {
  const payload = {
    id: storedId(number),
    timestamp,
    cwd: '/nowhere',
    originator: 'codex_cli_rs',
    cli_version: '0.36.0',
    instructions: null,
  };
  return { type: 'session_meta', payload };
}

/** The text of a record, without the end of its line. */
export function recordText(line: RolloutLine, timestamp = timestampOf('01', '10')): string {
  return JSON.stringify({ timestamp, ...line });
}

/**
 * Writes a rollout dated by `day` and `hour` of January 2020, with a session_meta line first unless `meta` is false.
 */
export async function storeConversation(
  stage: Stage,
  number: number,
  lines: readonly RolloutLine[] = question(`question ${number}`),
  { day = '01', hour = '10', meta = true, folder = 'sessions' } = {},
): Promise<StoredConversation> {
  const timestamp = timestampOf(day, hour);
  const all = meta ? [storedMeta(number, timestamp), ...lines] : lines;
  const text = all.map((line) => `${recordText(line, timestamp)}\n`).join('');
  return storeText(stage, number, text, { day, hour, folder });
}

/** Writes a rollout that need not be one. */
export async function storeText(
  stage: Stage,
  number: number,
  content: string | Uint8Array,
  { day = '01', hour = '10', folder = 'sessions' } = {},
): Promise<StoredConversation> {
  const id = storedId(number);
  const name = `rollout-2020-01-${day}T${hour}-00-00-${id}.jsonl`;
  const path = join(stage.home, folder, folder === 'sessions' ? `2020/01/${day}` : '', name);
  return { id, path: await stage.writeFile(path, content) };
}

function timestampOf(day: string, hour: string): string {
  return `2020-01-${day}T${hour}:00:00.000Z`;
}
