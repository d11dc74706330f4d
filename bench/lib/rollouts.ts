import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Conversation } from './peer.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2024, 0, 1);

const line = (at: Date, type: string, payload: object): string =>
  `${JSON.stringify({ timestamp: at.toISOString(), type, payload })}\n`;

const message = (role: 'user' | 'assistant', text: string): object => ({
  type: 'message',
  role,
  content: [{ type: role === 'user' ? 'input_text' : 'output_text', text }],
});

const meta = (id: string, at: Date): object => ({
  id,
  timestamp: at.toISOString(),
  cwd: '/tmp',
  originator: 'codex_cli_rs',
  cli_version: '0.36.0',
  source: 'vscode',
  instructions: null,
});

/** The first lines of every conversation: who it is, and the user's first message. */
const opening = (id: string, at: Date, text: string): string =>
  line(at, 'session_meta', meta(id, at)) +
  line(at, 'response_item', message('user', '<environment_context>\n</environment_context>')) +
  line(at, 'response_item', message('user', text)) +
  line(at, 'event_msg', { type: 'user_message', message: text, kind: 'plain' });

function newConversation(home: string, at: Date): Conversation {
  const id = randomUUID();
  const time = at.toISOString().slice(0, 19).replaceAll(':', '-');
  const day = time.slice(0, 10).split('-');
  return { id, path: join(home, 'sessions', ...day, `rollout-${time}-${id}.jsonl`) };
}

/** Where the conversations of a list lie: all on one day, or some on each of two years' days. */
export type Spread = 'one day' | 'two years';

const timeOf = (n: number, count: number, spread: Spread): Date =>
  spread === 'one day'
    ? new Date(FIRST_DAY + Math.floor((n * (DAY_MS - 1)) / count))
    : new Date(FIRST_DAY + Math.floor((n * 730) / count) * DAY_MS + (n % 86_400) * 1000);

/** Stores many short conversations. */
export async function storeMany(home: string, count: number, spread: Spread): Promise<void> {
  let directory = '';
  for (let n = 0; n < count; n += 1) {
    const at = timeOf(n, count, spread);
    const { id, path } = newConversation(home, at);
    if (dirname(path) !== directory) await mkdir(dirname(path), { recursive: true });
    directory = dirname(path);
    const text = opening(id, at, `question ${n}`) + line(at, 'response_item', message('assistant', 'answer'));
    await writeFile(path, text);
  }
}

const TEXT = 'All work and no play makes a dull day. '.repeat(210).slice(0, 8_000);

/** Two turns' worth of what the user and the model said, each as the item and the event: 8 messages of 8 kB. */
const talk = (at: Date): string =>
  [1, 2]
    .map(
      () =>
        line(at, 'response_item', message('user', TEXT)) +
        line(at, 'event_msg', { type: 'user_message', message: TEXT, kind: 'plain' }) +
        line(at, 'event_msg', { type: 'agent_message', message: TEXT }) +
        line(at, 'response_item', message('assistant', TEXT)),
    )
    .join('');

/** A thousand commands with 8 kB of output, and the compaction after them. */
function work(at: Date): string {
  const output = JSON.stringify({ output: TEXT, metadata: { exit_code: 0, duration_seconds: 0.1 } });
  const calls = Array.from({ length: 1_000 }, (_, n) => {
    const call_id = `call_${n}`;
    const call = { type: 'function_call', name: 'shell', arguments: '{"command":["true"]}', call_id };
    return (
      line(at, 'response_item', call) +
      line(at, 'response_item', { type: 'function_call_output', call_id, output })
    );
  });
  return calls.join('') + line(at, 'compacted', { message: 'what was done so far' });
}

async function storeLong(home: string, parts: number, part: (at: Date) => string): Promise<Conversation> {
  const at = new Date(FIRST_DAY);
  const stored = newConversation(home, at);
  await mkdir(dirname(stored.path), { recursive: true });
  const file = createWriteStream(stored.path);
  file.write(opening(stored.id, at, 'a long story'));
  const text = part(at);
  for (let n = 0; n < parts; n += 1) if (!file.write(text)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
  return stored;
}

const partsOf = (bytes: number, part: (at: Date) => string): number =>
  Math.ceil(bytes / Buffer.byteLength(part(new Date(FIRST_DAY))));

/** A conversation of that many bytes or a little more, in messages of 8 kB that are all part of the history. */
export const storeTalk = (home: string, bytes: number): Promise<Conversation> =>
  storeLong(home, partsOf(bytes, talk), talk);

/** A conversation of that many bytes or a little more that was compacted again and again. */
export const storeWork = (home: string, bytes: number): Promise<Conversation> =>
  storeLong(home, partsOf(bytes, work), work);
