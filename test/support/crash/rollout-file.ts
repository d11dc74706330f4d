import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const NEWLINE = 0x0a;

export interface StoredLine {
  readonly text: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A rollout as it is on disk, read with nothing of the daemon's. */
export interface RolloutFile {
  readonly lines: readonly StoredLine[];
  /** What comes after the last line end. */
  readonly tail: Buffer;
  /** In words; a torn tail is none. */
  readonly faults: readonly string[];
}

export const NO_FILE: RolloutFile = { lines: [], tail: Buffer.alloc(0), faults: [] };

export function readRolloutFile(path: string): RolloutFile {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  const texts = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  const faults: string[] = [];
  const lines = texts.flatMap((text, index) => {
    const line = readLine(text);
    if (!line) faults.push(`line ${index + 1} of ${basename(path)} is no record: ${text.slice(0, 80)}`);
    return line ?? [];
  });
  return { lines, tail: bytes.subarray(end), faults };
}

function readLine(text: string): StoredLine | undefined {
  try {
    const { timestamp, type, payload } = JSON.parse(text);
    const isRecord =
      typeof timestamp === 'string' && typeof type === 'string' && typeof payload === 'object' && payload;
    return isRecord ? { text, type, payload } : undefined;
  } catch {
    return undefined;
  }
}

export const eventsOf = (lines: readonly StoredLine[]): StoredLine['payload'][] =>
  lines.flatMap(({ type, payload }) => (type === 'event_msg' ? [payload] : []));

/** Texts of messages among the response items, by role. */
export const itemTexts = (lines: readonly StoredLine[], role: string): string[] =>
  lines.flatMap(({ type, payload }) => {
    if (type !== 'response_item' || payload.type !== 'message' || payload.role !== role) return [];
    return (payload.content as { text?: string }[]).map(({ text }) => text ?? '');
  });
