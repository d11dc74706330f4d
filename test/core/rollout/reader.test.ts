import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RolloutError } from '../../../src/core/rollout/errors.ts';
import { history, initialMessages, readRollout } from '../../../src/core/rollout/reader.ts';
import {
  assistantText,
  conversationId,
  conversationLines,
  event,
  item,
  line,
  metaLine,
  sessionMeta,
  temporaryDirectory,
  userEvent,
  userText,
  writeLines,
  writeText,
} from './samples.ts';

const id = conversationId(1);
const store = (content: string | Buffer) => writeText(join(temporaryDirectory(), 'rollout.jsonl'), content);
const read = (lines: readonly string[]) => readRollout(store(`${lines.join('\n')}\n`));
const failure = async (path: string): Promise<unknown> => readRollout(path).catch((error) => error);

describe('a stored conversation', () => {
  it('has its meta, items, events and compactions in order', async () => {
    const stored = await read([
      metaLine(id),
      item(userText('one')),
      userEvent('one'),
      line('turn_context', {
        cwd: '/',
        approval_policy: 'never',
        sandbox_policy: { mode: 'read-only' },
        model: 'm',
        summary: 'auto',
      }),
      line('compacted', { message: 'sum' }),
      item(assistantText('two')),
    ]);
    expect(stored.meta).toEqual(sessionMeta(id));
    expect(stored.entries).toEqual([
      { type: 'response_item', item: userText('one') },
      { type: 'event_msg', msg: { type: 'user_message', message: 'one', kind: 'plain' } },
      { type: 'compacted', item: { message: 'sum' } },
      { type: 'response_item', item: assistantText('two') },
    ]);
    expect(stored.damagedLines).toEqual([]);
  });

  it('is that of the first session_meta, wherever it stands', async () => {
    const stored = await read([userEvent('early'), metaLine(id), metaLine(conversationId(2))]);
    expect(stored.meta.id).toBe(id);
    expect(stored.entries).toHaveLength(1);
  });

  it('has a lower-case id', async () => {
    expect((await read([metaLine(id.toUpperCase())])).meta.id).toBe(id);
  });

  it('is read past damage, which is reported by line number', async () => {
    const stored = await readRollout(
      store(
        Buffer.concat([
          Buffer.from(`${metaLine(id)}\n\n{"timest${item(userText('lost'))}\n`),
          Buffer.from([0xff, 0xfe, 0x0a, 0x00, 0x00, 0x0a]),
          Buffer.from(`${line('ghost', {})}\r\n${item(userText('kept'))}\r\n`),
        ]),
      ),
    );
    expect(stored.damagedLines).toEqual([3, 4, 5]);
    expect(stored.entries).toEqual([{ type: 'response_item', item: userText('kept') }]);
  });

  it('may begin with a byte order mark', async () => {
    expect((await read([`\ufeff${metaLine(id)}`])).meta.id).toBe(id);
  });

  it('counts a last line without an end only when it is whole', async () => {
    const whole = item(userText('last ü'));
    const start = `${metaLine(id)}\n`;
    const stored = await readRollout(store(start + whole));
    expect(stored.entries).toEqual([{ type: 'response_item', item: userText('last ü') }]);
    const torn = Buffer.from(start + whole).subarray(0, -9);
    expect(await readRollout(store(torn))).toMatchObject({ entries: [], damagedLines: [] });
  });

  it('passes over lines that are too long to hold', async () => {
    const path = store(`${metaLine(id)}\n${item(userText('x'.repeat(5000)))}\n${item(userText('short'))}\n`);
    const stored = await readRollout(path, { maxLineBytes: 1000, chunkBytes: 64 });
    expect(stored.damagedLines).toEqual([2]);
    expect(stored.entries).toEqual([{ type: 'response_item', item: userText('short') }]);
  });

  it('is the same whatever the size of the pieces it is read in', async () => {
    const path = writeLines(join(temporaryDirectory(), 'r.jsonl'), conversationLines(id, 'größer 😀'));
    const whole = await readRollout(path);
    for (const chunkBytes of [1, 2, 3, 7, 100, 4096])
      expect(await readRollout(path, { chunkBytes })).toEqual(whole);
  });
});

describe('a file that cannot be resumed', () => {
  it.each([
    ['is missing', 'missing.jsonl', 'No such file or directory (os error 2)'],
    ['is a directory', '.', 'Is a directory (os error 21)'],
    ['lies below a file', 'empty/x', 'Not a directory (os error 20)'],
    ['has a name that is too long', 'x'.repeat(300), 'Filename too long (os error 36)'],
    ['is a link to itself', 'loop', 'Symbolic link loop (os error 40)'],
    ['has a NUL in its name', 'a\0b', 'file name contained an unexpected NUL byte'],
    ['is empty', 'empty', 'empty session file'],
    ['is blank', 'blank', 'empty session file'],
    ['has no session_meta', 'bare', 'failed to parse conversation ID from rollout file'],
    ['is a pipe', 'pipe', 'not a regular file'],
  ])('%s', async (_what, name, message) => {
    const directory = temporaryDirectory();
    writeText(join(directory, 'empty'), '');
    writeText(join(directory, 'blank'), '\n  \n');
    writeText(join(directory, 'bare'), `${JSON.stringify(sessionMeta(id))}\n`);
    symlinkSync('loop', join(directory, 'loop'));
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    const error = await failure(`${directory}/${name}`);
    expect(error).toBeInstanceOf(RolloutError);
    expect(error).toHaveProperty('message', message);
  });
});

describe('a huge file without a record', () => {
  it('is given up early', async () => {
    const path = store('');
    truncateSync(path, 10 * 1024 ** 3);
    const started = performance.now();
    expect(await failure(path)).toHaveProperty('fault', 'no_session_meta');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('the history', () => {
  it('is what the compaction made of the earlier items, then the later ones', async () => {
    const stored = await read([
      metaLine(id),
      item(userText('one')),
      line('compacted', { message: 'sum 1' }),
      item(userText('two')),
      line('compacted', { message: 'sum 2' }),
      item(userText('three')),
    ]);
    const seen: unknown[] = [];
    const items = history(stored, (earlier, summary) => {
      seen.push([[...earlier], summary]);
      return [userText(summary)];
    });
    expect(seen).toEqual([
      [[userText('one')], 'sum 1'],
      [[userText('sum 1'), userText('two')], 'sum 2'],
    ]);
    expect(items).toEqual([userText('sum 2'), userText('three')]);
  });
});

describe('the initial messages', () => {
  it('are the events without injected user messages', async () => {
    const stored = await read([
      metaLine(id),
      event({ type: 'user_message', message: 'i', kind: 'user_instructions' }),
      event({ type: 'user_message', message: 'e', kind: 'environment_context' }),
      event({ type: 'user_message', message: 'unknown' }),
      userEvent('mine'),
      event({ type: 'task_started', model_context_window: 5 }),
      event({ type: 'ghost' }),
      item(assistantText('no event')),
      event({ type: 'agent_message', message: 'a', extra: 1 }),
    ]);
    expect(initialMessages(stored)).toEqual([
      { type: 'user_message', message: 'mine', kind: 'plain' },
      { type: 'task_started', model_context_window: 5 },
      { type: 'agent_message', message: 'a' },
    ]);
  });
});
