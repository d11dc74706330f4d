import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MessageItem } from '../../../src/protocol/vocabulary/items.ts';
import type { RolloutItem, SessionMeta } from '../../../src/protocol/vocabulary/rollout.ts';

/** A directory that goes away with the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'codexd-rollout-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const conversationId = (n: number): string => `aaaaaaaa-bbbb-4ccc-8ddd-${String(n).padStart(12, '0')}`;

export const sessionMeta = (id: string, more: Partial<SessionMeta> = {}): SessionMeta => ({
  id,
  timestamp: '2025-09-10T10:00:00.000Z',
  cwd: '/project',
  originator: 'codex_cli_rs',
  cli_version: '0.36.0',
  instructions: null,
  ...more,
});

export const userText = (text: string): MessageItem => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text }],
});

export const assistantText = (text: string): MessageItem => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text }],
});

/** A line as any program might have written it; `payload` need not fit. */
export const line = (type: string, payload: unknown): string =>
  JSON.stringify({ timestamp: '2025-09-10T10:00:00.000Z', type, payload });

export const item = (payload: unknown): string => line('response_item', payload);
export const event = (payload: unknown): string => line('event_msg', payload);
export const metaLine = (id: string, more: Partial<SessionMeta> = {}): string =>
  line('session_meta', sessionMeta(id, more));
export const userEvent = (message: string): string => event({ type: 'user_message', message, kind: 'plain' });

/** The lines of a short conversation that a list shows as `question`. */
export const conversationLines = (id: string, question = 'question'): string[] => [
  metaLine(id),
  item(userText('<environment_context>\n  <cwd>/project</cwd>\n</environment_context>')),
  item(userText(question)),
  userEvent(question),
  item(assistantText('answer')),
];

export function writeText(path: string, content: string | Buffer): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

export const writeLines = (path: string, lines: readonly string[]): string =>
  writeText(path, `${lines.join('\n')}\n`);

export const fileName = (timestamp: string, id: string): string => `rollout-${timestamp}-${id}.jsonl`;

/** Where a file with that timestamp belongs. */
export function activePath(codexHome: string, timestamp: string, id: string): string {
  const day = timestamp.slice(0, 10).split('-');
  return join(codexHome, 'sessions', ...day, fileName(timestamp, id));
}

export const userRecord = (text: string): RolloutItem => ({ type: 'response_item', payload: userText(text) });
