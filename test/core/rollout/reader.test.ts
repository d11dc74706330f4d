import { execFileSync } from 'node:child_process';
import { appendFileSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FileSystem, realFileSystem } from '../../../src/core/files/file-system.ts';
import { RolloutError } from '../../../src/core/rollout/errors.ts';
import { entriesOf, history, type ReadOptions, readRollout } from '../../../src/core/rollout/reader.ts';
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
const environment = '<environment_context>\n  <cwd>/project</cwd>\n</environment_context>';
const store = (content: string | Buffer) => writeText(join(temporaryDirectory(), 'rollout.jsonl'), content);
const read = (lines: readonly string[]) => readRollout(store(`${lines.join('\n')}\n`));
const failure = async (path: string): Promise<unknown> => readRollout(path).catch((error) => error);

type Reading = { bytesRead: number; buffer: Buffer };

/** Files on which every read goes through `around`. */
const withReads = (around: (read: () => Promise<Reading>) => Promise<Reading>): FileSystem => ({
  ...realFileSystem,
  async open(...args) {
    const file = await realFileSystem.open(...args);
    const read = file.read.bind(file) as (...range: unknown[]) => Promise<Reading>;
    const replaced = (...range: unknown[]) => around(() => read(...range));
    return Object.assign(file, { read: replaced });
  },
});

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
    expect([...stored.lines.entries()]).toEqual([
      { type: 'response_item', item: userText('one') },
      { type: 'compacted', item: { message: 'sum' } },
      { type: 'response_item', item: assistantText('two') },
    ]);
    expect(stored.messages.parse('all')).toEqual([{ type: 'user_message', message: 'one', kind: 'plain' }]);
    expect(stored.damagedLines).toEqual([]);
  });

  it('is that of the first session_meta, wherever it stands', async () => {
    const stored = await read([userEvent('early'), metaLine(id), metaLine(conversationId(2))]);
    expect(stored.meta.id).toBe(id);
    expect(stored.messages.parse('all')).toHaveLength(1);
  });

  it('has a lower-case id', async () => {
    expect((await read([metaLine(id.toUpperCase())])).meta.id).toBe(id);
  });

  it('REL-WR-6: is read past damage, which is reported by line number', async () => {
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
    expect([...stored.lines.entries()]).toEqual([{ type: 'response_item', item: userText('kept') }]);
  });

  it('may begin with a byte order mark', async () => {
    expect((await read([`\ufeff${metaLine(id)}`])).meta.id).toBe(id);
  });

  it('counts a last line without an end only when it is whole', async () => {
    const whole = item(userText('last ü'));
    const start = `${metaLine(id)}\n`;
    const stored = await readRollout(store(start + whole));
    expect([...stored.lines.entries()]).toEqual([{ type: 'response_item', item: userText('last ü') }]);
    const torn = Buffer.from(start + whole).subarray(0, -9);
    const cut = await readRollout(store(torn));
    expect([...cut.lines.entries()]).toEqual([]);
    expect(cut.damagedLines).toEqual([]);
  });

  it('names the first hundred damaged lines and counts all', async () => {
    const stored = await read([metaLine(id), ...Array.from({ length: 250 }, () => 'damage')]);
    expect(stored.damagedCount).toBe(250);
    expect(stored.damagedLines).toEqual(Array.from({ length: 100 }, (_, n) => n + 2));
  });

  it('tells where its last line with an end ends, in bytes', async () => {
    const whole = `${metaLine(id, { cwd: '/größe' })}\n${userEvent('one')}\n`;
    expect(await readRollout(store(whole))).toMatchObject({ size: Buffer.byteLength(whole) });
    expect(await readRollout(store(`${whole}{"timest`))).toMatchObject({ size: Buffer.byteLength(whole) });
    expect(await readRollout(store(whole + userEvent('two')))).toMatchObject({
      size: Buffer.byteLength(whole),
    });
  });

  it('is numbered when a line has an ordinal', async () => {
    const numbered = JSON.stringify({ ordinal: 1, ...JSON.parse(userEvent('one')) });
    expect((await read([metaLine(id), userEvent('one')])).numbered).toBe(false);
    expect((await read([metaLine(id), numbered])).numbered).toBe(true);
    const long = { limits: { items: 10, messages: 10 } };
    expect(await readRollout(store(`${metaLine(id)}\n${numbered}\n`), long)).toMatchObject({
      droppedMessages: 1,
      numbered: true,
    });
  });

  it('is what it was when reading began', async () => {
    const path = store(`${metaLine(id)}\n${userEvent('one')}\n`);
    const files = withReads((read) => {
      appendFileSync(path, `${userEvent('meanwhile')}\n`);
      return read();
    });
    expect((await readRollout(path, { files })).messages.parse('all')).toHaveLength(1);
  });

  it('REL-WR-9: passes over lines that are too long to hold', async () => {
    const path = store(`${metaLine(id)}\n${item(userText('x'.repeat(5000)))}\n${item(userText('short'))}\n`);
    const stored = await readRollout(path, { maxLineBytes: 1000, chunkBytes: 64 });
    expect(stored.damagedLines).toEqual([2]);
    expect([...stored.lines.entries()]).toEqual([{ type: 'response_item', item: userText('short') }]);
  });

  it('is the same whatever the size of the pieces it is read in', async () => {
    const path = writeLines(join(temporaryDirectory(), 'r.jsonl'), conversationLines(id, 'größer 😀'));
    const readIn = async (options?: ReadOptions) => {
      const { lines, messages, ...rest } = await readRollout(path, options);
      return { ...rest, entries: [...lines.entries()], messages: messages.parse('all') };
    };
    const whole = await readIn();
    for (const chunkBytes of [1, 2, 3, 7, 100, 4096]) expect(await readIn({ chunkBytes })).toEqual(whole);
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

describe('a file that is no rollout', () => {
  /** Bytes that are read until it fails. */
  async function bytesUntil(fault: string, path: string): Promise<number> {
    let bytes = 0;
    const files = withReads(async (read) => {
      const result = await read();
      bytes += result.bytesRead;
      return result;
    });
    const error = await readRollout(path, { files }).catch((thrown) => thrown);
    expect(error).toHaveProperty('fault', fault);
    return bytes;
  }
  const MEBIBYTE = 1024 ** 2;
  const sparse = (start: string): string => {
    const path = store(start);
    truncateSync(path, 10_000 * MEBIBYTE);
    return path;
  };

  it('is given up early when it is huge and has no record', async () => {
    expect(await bytesUntil('no_session_meta', sparse(''))).toBeLessThan(100 * MEBIBYTE);
    expect(await bytesUntil('no_session_meta', sparse('{"timestamp":"'))).toBeLessThan(100 * MEBIBYTE);
  });

  it('is given up early when a later line has no end', async () => {
    expect(await bytesUntil('invalid_record', sparse(`${metaLine(id)}\n`))).toBeLessThan(300 * MEBIBYTE);
  });

  it('is refused when it is a device', async () => {
    expect(await failure('/dev/zero')).toHaveProperty('fault', 'not_a_file');
  });
});

describe('a file that fails while it is read', () => {
  it('is an error that tells why', async () => {
    const files = withReads(() => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })));
    const error = await readRollout(store(`${metaLine(id)}\n`), { files }).catch((thrown) => thrown);
    expect(error).toMatchObject({ fault: 'io', code: 'EIO', message: 'I/O error (os error 5)' });
  });
});

describe('a conversation that is too long to be held', () => {
  const opening = [
    metaLine(id),
    item({ ...userText('rules'), role: 'developer' }),
    item(userText(environment)),
  ];
  const turn = (n: number): string[] => [
    item(userText(`question ${n}`)),
    userEvent(`question ${n}`),
    line('turn_context', {}),
    item({ type: 'function_call', name: 'shell', arguments: '{}', call_id: `call ${n}` }),
    item({ type: 'function_call_output', call_id: `call ${n}`, output: 'o' }),
    event({ type: 'agent_message', message: `answer ${n}` }),
    item(assistantText(`answer ${n}`)),
  ];
  const turns = (count: number): string[] => Array.from({ length: count }, (_, n) => turn(n)).flat();
  const readWithin = (lines: readonly string[], bytes: number, messageBytes = bytes) =>
    readRollout(store(`${lines.join('\n')}\n`), { limits: { items: bytes, messages: messageBytes } });
  const noCompaction = (): never => {
    throw new Error('there was no compaction');
  };
  const sizeOf = (lines: readonly string[]): number =>
    lines.reduce((sum, text) => sum + text.length + 1 + 128, 0);
  const itemsOf = (lines: readonly string[]) => lines.filter((text) => text.includes('"response_item"'));
  const eventsOf = (lines: readonly string[]) => lines.filter((text) => text.includes('"event_msg"'));

  it('keeps its opening and its end', async () => {
    const stored = await readWithin(
      [...opening, ...turns(10)],
      sizeOf(itemsOf(turn(9))),
      sizeOf(eventsOf(turn(9))),
    );
    expect(stored).toMatchObject({ droppedItems: 36, droppedMessages: 18, damagedCount: 0 });
    expect(history(stored, noCompaction)).toEqual([
      { ...userText('rules'), role: 'developer' },
      userText(environment),
      userText('question 9'),
      { type: 'function_call', name: 'shell', arguments: '{}', call_id: 'call 9' },
      { type: 'function_call_output', call_id: 'call 9', output: 'o' },
      assistantText('answer 9'),
    ]);
    expect(stored.messages.parse('shown')).toEqual([
      { type: 'user_message', message: 'question 9', kind: 'plain' },
      { type: 'agent_message', message: 'answer 9' },
    ]);
  });

  it('drops nothing that fits', async () => {
    const lines = [...opening, ...turns(10)];
    const stored = await readWithin(lines, sizeOf(itemsOf(turns(10))), sizeOf(eventsOf(turns(10))));
    expect(stored).toMatchObject({ droppedItems: 0, droppedMessages: 0 });
    expect([...stored.lines.entries()]).toEqual([...(await read(lines)).lines.entries()]);
  });

  it('has no output whose call was dropped', async () => {
    const [, , , , ...rest] = turn(9);
    const stored = await readWithin([...opening, ...turns(10)], sizeOf(itemsOf(rest)));
    expect(history(stored, noCompaction).slice(2)).toEqual([assistantText('answer 9')]);
  });

  it('needs nothing that a compaction put something else in place of', async () => {
    const replacement = line('compacted', { message: 'm', replacement_history: [userText('instead')] });
    const stored = await readWithin([...opening, ...turns(10), replacement, ...turn(10)], 4000);
    expect(stored.droppedItems).toBe(0);
    expect(history(stored, noCompaction)).toEqual([
      userText('instead'),
      ...entriesOf(turn(10)).flatMap((entry) => (entry.type === 'response_item' ? [entry.item] : [])),
    ]);
  });

  it('is told apart from one with damage, and from one that pretends', async () => {
    const liar = `{"timestamp":"t","type":"turn_context","payload":{"message":"${'x'.repeat(500)}"},"type":"compacted"}`;
    const reordered = JSON.stringify({
      payload: userText('late order'),
      type: 'response_item',
      timestamp: 't',
    });
    const stored = await readWithin([...opening, ...turns(10), 'damage', liar, reordered], 600);
    expect(stored.damagedCount).toBe(1);
    expect(history(stored, noCompaction).slice(2)).toEqual([
      assistantText('answer 9'),
      userText('late order'),
    ]);
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

  it('is what a compaction says that it is', async () => {
    const stored = await read([
      metaLine(id),
      item(userText('one')),
      line('compacted', {
        message: 'm',
        replacement_history: [{ ...userText('no'), role: 'system' }, userText('two')],
      }),
      item(userText('three')),
    ]);
    const never = (): never => {
      throw new Error('nothing was to be made up');
    };
    expect(history(stored, never)).toEqual([userText('two'), userText('three')]);
  });

  it('has nothing of the system, but what everybody else said', async () => {
    const developer = { ...userText('d'), role: 'developer' };
    const stored = await read([metaLine(id), item({ ...userText('s'), role: 'system' }), item(developer)]);
    expect(history(stored, () => [])).toEqual([developer]);
  });

  it('has web searches and outputs without a call, which the request is made without', async () => {
    const search = { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'q' } };
    const output = { type: 'function_call_output', call_id: 'c', output: 'o' };
    const stored = await read([metaLine(id), item(search), item(output)]);
    expect(history(stored, () => [])).toEqual([search, output]);
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
    expect(stored.messages.parse('shown')).toEqual([
      { type: 'user_message', message: 'mine', kind: 'plain' },
      { type: 'task_started', model_context_window: 5 },
      { type: 'agent_message', message: 'a' },
    ]);
  });
});

describe('lines that somebody else appended', () => {
  it('add what records they are, in order', () => {
    expect(
      entriesOf([
        item(userText('a')),
        'damage',
        metaLine(id),
        userEvent('b'),
        line('compacted', { message: 'c' }),
      ]),
    ).toEqual([
      { type: 'response_item', item: userText('a') },
      { type: 'event_msg', msg: { type: 'user_message', message: 'b', kind: 'plain' } },
      { type: 'compacted', item: { message: 'c' } },
    ]);
  });
});
