import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { RolloutError } from '../../../src/core/rollout/errors.ts';
import type { RolloutWriter } from '../../../src/core/rollout/types.ts';
import { createRollout } from '../../../src/core/rollout/writer.ts';
import type { WriterOptions } from '../../../src/core/rollout/writer-options.ts';
import type { RolloutItem } from '../../../src/protocol/vocabulary/rollout.ts';
import { conversationId, sessionMeta, temporaryDirectory } from './samples.ts';

export const meta: RolloutItem = { type: 'session_meta', payload: sessionMeta(conversationId(1)) };

export const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);

/** What the user messages of a file say; every line of it has to be a whole record. */
export const textsOf = (path: string): string[] =>
  linesOf(path).flatMap((text) => {
    const payload = JSON.parse(text).payload;
    return payload.type === 'message' ? [payload.content[0].text] : [];
  });

export interface TestWriter {
  readonly writer: RolloutWriter;
  readonly path: string;
  readonly home: string;
  readonly notices: string[];
}

/** A new conversation with its first record, in `sessions/r.jsonl` of a directory of its own. */
export async function newWriter(options: WriterOptions = {}): Promise<TestWriter> {
  const home = temporaryDirectory();
  const path = join(home, 'sessions', 'r.jsonl');
  const notices: string[] = [];
  const writer = await createRollout(path, { onNotice: (text) => notices.push(text), ...options });
  onTestFinished(() => writer.close().catch(() => undefined));
  await writer.append([meta]);
  return { writer, path, home, notices };
}

export async function rejection(promise: Promise<unknown>): Promise<RolloutError> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  if (!(error instanceof RolloutError)) throw new Error(`not refused as expected: ${error}`);
  return error;
}
