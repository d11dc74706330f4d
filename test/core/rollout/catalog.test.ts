import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRollout, listRollouts } from '../../../src/core/rollout/catalog.ts';
import {
  activePath,
  assistantText,
  conversationId,
  conversationLines,
  event,
  fileName,
  item,
  line,
  metaLine,
  temporaryDirectory,
  userEvent,
  userText,
  writeLines,
  writeText,
} from './samples.ts';

const id = conversationId(1);
const timestamp = '2025-09-10T10-00-00';
const MANY = 1000;

const store = (codexHome: string, time: string, n: number): string =>
  writeLines(activePath(codexHome, time, conversationId(n)), conversationLines(conversationId(n)));

const archive = (codexHome: string, time: string, n: number): string =>
  writeLines(
    join(codexHome, 'archived_sessions', fileName(time, conversationId(n))),
    conversationLines(conversationId(n)),
  );

const numbersOf = (page: { items: readonly { conversationId: string }[] }): number[] =>
  page.items.map(({ conversationId }) => Number(conversationId.slice(-12)));

async function list(codexHome: string, pageSize = MANY, cursor?: string) {
  const page = await listRollouts({ codexHome, pageSize, cursor });
  return { numbers: numbersOf(page), nextCursor: page.nextCursor };
}

/** The page of a home that holds one file with these lines. */
async function listOne(lines: readonly string[]) {
  const codexHome = temporaryDirectory();
  writeLines(activePath(codexHome, timestamp, id), lines);
  return listRollouts({ codexHome, pageSize: MANY });
}

describe('the list of conversations', () => {
  it('is empty without a directory', async () => {
    const codexHome = temporaryDirectory();
    for (const archived of [false, true])
      expect(await listRollouts({ codexHome, pageSize: MANY, archived })).toEqual({ items: [] });
  });

  it('shows id, path, preview and time', async () => {
    const codexHome = temporaryDirectory();
    const path = store(codexHome, timestamp, 1);
    expect(await listRollouts({ codexHome, pageSize: 1 })).toEqual({
      items: [{ conversationId: id, path, preview: 'question', timestamp: '2025-09-10T10:00:00.000Z' }],
      nextCursor: `${timestamp}|${id}`,
    });
  });

  it('leaves an empty time out', async () => {
    const page = await listOne([metaLine(id, { timestamp: '' }), item(userText('q')), userEvent('q')]);
    expect(page.items).toHaveLength(1);
    expect(page.items[0]).not.toHaveProperty('timestamp');
  });

  it('goes by day, then by time, then by id, latest first', async () => {
    const codexHome = temporaryDirectory();
    store(codexHome, '2025-09-10T10-00-00', 1);
    store(codexHome, '2025-09-10T10-00-00', 2);
    store(codexHome, '2025-09-10T11-00-00', 3);
    store(codexHome, '2025-10-01T00-00-00', 4);
    store(codexHome, '2024-12-31T23-59-59', 5);
    const unpadded = join(codexHome, 'sessions/2025/8/9', fileName('2025-08-09T11-00-00', conversationId(6)));
    writeLines(unpadded, conversationLines(conversationId(6)));
    expect((await list(codexHome)).numbers).toEqual([4, 3, 2, 1, 6, 5]);
  });

  it('knows neither archived files nor those of other names and places', async () => {
    const codexHome = temporaryDirectory();
    archive(codexHome, timestamp, 1);
    const day = dirname(store(codexHome, timestamp, 2));
    const lines = conversationLines(conversationId(3));
    writeLines(join(day, `session-${timestamp}-${conversationId(3)}.jsonl`), lines);
    writeLines(join(day, `${fileName(timestamp, conversationId(3))}.bak`), lines);
    writeLines(join(codexHome, 'sessions', fileName(timestamp, conversationId(3))), lines);
    writeLines(join(codexHome, 'sessions/2025/x/10', fileName(timestamp, conversationId(3))), lines);
    writeLines(join(codexHome, 'sessions/99999/09/10', fileName(timestamp, conversationId(3))), lines);
    mkdirSync(join(day, fileName(timestamp, conversationId(4))));
    expect((await list(codexHome)).numbers).toEqual([2]);
  });

  it('does not follow links inside the tree, but may itself be one', async () => {
    const codexHome = temporaryDirectory();
    const outside = temporaryDirectory();
    const target = store(outside, timestamp, 1);
    const linked = activePath(codexHome, timestamp, id);
    mkdirSync(dirname(linked), { recursive: true });
    symlinkSync(target, linked);
    symlinkSync(dirname(target), join(dirname(dirname(linked)), '11'));
    expect((await list(codexHome)).numbers).toEqual([]);
    rmSync(join(codexHome, 'sessions'), { recursive: true });
    symlinkSync(join(outside, 'sessions'), join(codexHome, 'sessions'));
    expect((await list(codexHome)).numbers).toEqual([1]);
  });

  it('REL-MP-7: is not disturbed by broken files', async () => {
    const codexHome = temporaryDirectory();
    store(codexHome, '2025-09-10T10-00-00', 1);
    writeText(activePath(codexHome, '2025-09-10T10-00-01', conversationId(2)), Buffer.alloc(100_000, 0xff));
    writeText(activePath(codexHome, '2025-09-10T10-00-02', conversationId(3)), '');
    const text = `\ufeff${conversationLines(conversationId(4)).join('\n')}\n{"torn`;
    writeText(activePath(codexHome, '2025-09-10T10-00-03', conversationId(4)), text);
    expect((await list(codexHome)).numbers).toEqual([4, 1]);
  });

  it('REL-MP-7, REL-MP-8: sees at once what was added, moved and removed', async () => {
    const codexHome = temporaryDirectory();
    const path = store(codexHome, timestamp, 1);
    expect((await list(codexHome)).numbers).toEqual([1]);
    store(codexHome, timestamp, 2);
    mkdirSync(join(codexHome, 'archived_sessions'));
    renameSync(path, join(codexHome, 'archived_sessions', fileName(timestamp, id)));
    expect((await list(codexHome)).numbers).toEqual([2]);
    expect(numbersOf(await listRollouts({ codexHome, pageSize: 5, archived: true }))).toEqual([1]);
  });
});

describe('what a file needs to be listed', () => {
  const answers = (count: number): string[] => Array(count).fill(item(assistantText('a')));

  it.each([
    [
      'the user text is the 10th head record',
      [metaLine(id), userEvent('q'), ...answers(8), item(userText('q'))],
      1,
    ],
    ['the user text is the 11th', [metaLine(id), userEvent('q'), ...answers(9), item(userText('q'))], 0],
    [
      'the event comes after 9 head records',
      [metaLine(id), item(userText('q')), ...answers(7), userEvent('q')],
      1,
    ],
    [
      'items of later types use up the head',
      [metaLine(id), ...Array(9).fill(item({ type: 'later' })), item(userText('q')), userEvent('q')],
      undefined,
    ],
    ['the session_meta is not the first record', [item(userText('q')), userEvent('q'), metaLine(id)], 0],
    ['an event comes before the session_meta', [userEvent('q'), metaLine(id), item(userText('q'))], 1],
    ['there is no user text', [metaLine(id), item(assistantText('a')), userEvent('q')], 0],
    ['there is no session_meta', [item(userText('q')), userEvent('q')], undefined],
    [
      'there is no user message event',
      [metaLine(id), item(userText('q')), ...answers(20), userEvent('q')],
      undefined,
    ],
    [
      'events, contexts, damage and blank lines come first',
      [
        metaLine(id),
        ...Array(30).fill(event({ type: 'agent_message', message: 'a' })),
        ...Array(30).fill(line('compacted', { message: 'a' })),
        ...Array(30).fill(''),
        ...Array(30).fill('{"torn'),
        item(userText('q')),
        userEvent('q'),
      ],
      1,
    ],
  ])('when %s', async (_what, lines, shown) => {
    const page = await listOne(lines);
    expect(page.items).toHaveLength(shown ?? 0);
    expect(page.nextCursor !== undefined).toBe(shown !== undefined);
  });
});

describe('the preview', () => {
  const text = (value: string) => ({ type: 'input_text', text: value });
  const image = { type: 'input_image', image_url: 'data:image/png;base64,AAAA' };
  const previewOf = async (...messages: unknown[][]): Promise<string | undefined> => {
    const items = messages.map((content) => item({ type: 'message', role: 'user', content }));
    return (await listOne([metaLine(id), ...items, userEvent('q')])).items[0]?.preview;
  };

  it.each([
    [
      'skips what was injected',
      [
        [text('<user_instructions>\n\nx\n\n</user_instructions>')],
        [text(' <Environment_Context>x</ENVIRONMENT_CONTEXT> ')],
        [text('mine')],
      ],
      'mine',
    ],
    [
      'takes text that only begins like injected text',
      [[text('<environment_context>x</environment_context> and more')]],
      '<environment_context>x</environment_context> and more',
    ],
    ['is untouched otherwise', [[text('  a\n  b \n')]], '  a\n  b \n'],
    ['may be empty', [[text('')], [text('next')]], ''],
    ['skips images', [[image], [image, text('about it')]], 'about it'],
    ['is the first of several texts', [[text('one'), text('two')]], 'one'],
    [
      'skips an injected part only',
      [[text('<environment_context></environment_context>'), text('mine')]],
      'mine',
    ],
    ['is the request after the marker', [[text('# Context\n## My request for Codex:\n  do it \n')]], 'do it'],
    [
      'goes by the first marker',
      [[text('a ## My request for Codex: b ## My request for Codex: c')]],
      'b ## My request for Codex: c',
    ],
    ['may be an empty request', [[text('a ## My request for Codex: ')], [text('next')]], ''],
  ])('%s', async (_what, messages, preview) => {
    expect(await previewOf(...messages)).toBe(preview);
  });
});

describe('pages', () => {
  it('hold nothing for page size 0, and have no cursor', async () => {
    const codexHome = temporaryDirectory();
    store(codexHome, timestamp, 1);
    expect(await listRollouts({ codexHome, pageSize: 0 })).toEqual({ items: [] });
  });

  it('count files without a preview, but not files that are no conversations', async () => {
    const codexHome = temporaryDirectory();
    store(codexHome, '2025-09-10T10-00-00', 1);
    const silent = [metaLine(conversationId(2)), item(assistantText('a')), userEvent('q')];
    writeLines(activePath(codexHome, '2025-09-10T10-00-01', conversationId(2)), silent);
    writeLines(activePath(codexHome, '2025-09-10T10-00-02', conversationId(3)), [
      metaLine(conversationId(3)),
    ]);
    expect(await list(codexHome, 1)).toEqual({
      numbers: [],
      nextCursor: `2025-09-10T10-00-01|${conversationId(2)}`,
    });
    expect(await list(codexHome, 2)).toEqual({ numbers: [1], nextCursor: `${timestamp}|${id}` });
  });

  it('begin after the cursor, whose file need not exist', async () => {
    const codexHome = temporaryDirectory();
    store(codexHome, '2025-09-10T10-00-00', 1);
    store(codexHome, '2025-09-10T10-00-00', 3);
    const cursor = `2025-09-10T10-00-00|${conversationId(2)}`;
    expect((await list(codexHome, MANY, cursor)).numbers).toEqual([1]);
    expect((await list(codexHome, MANY, cursor.toUpperCase())).numbers).toEqual([1]);
    expect((await list(codexHome, MANY, `2025-09-10T09-59-59|${id}`)).numbers).toEqual([]);
  });

  it.each([
    'nonsense',
    '',
    '|',
    `${timestamp}|`,
    `${timestamp}|x|${id}`,
    ` ${timestamp}|${id}`,
    `2025-09-10T10:00:00|${id}`,
    `2025-09-31T10-00-00|${id}`,
  ])('ignore the cursor %j', async (cursor) => {
    const codexHome = temporaryDirectory();
    store(codexHome, timestamp, 1);
    expect((await list(codexHome, MANY, cursor)).numbers).toEqual([1]);
  });

  const moments = fc.array(
    fc.record({
      at: fc.date({
        min: new Date('2024-12-30Z'),
        max: new Date('2025-01-02T23:59:59Z'),
        noInvalidDate: true,
      }),
      isSilent: fc.boolean(),
    }),
    { maxLength: 25 },
  );

  it('visit every file exactly once, in order, when one follows the cursors', async () => {
    await fc.assert(
      fc.asyncProperty(
        moments,
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        async (files, pageSize, archived) => {
          const codexHome = temporaryDirectory();
          const expected = files.map(({ at, isSilent }, n) => {
            // Whole hours, so that some files have the same time.
            const time = `${at.toISOString().slice(0, 13)}-00-00`;
            const path = (archived ? archive : store)(codexHome, time, n);
            if (isSilent) writeLines(path, [metaLine(conversationId(n)), userEvent('q')]);
            return { key: `${time}|${conversationId(n)}`, n, isSilent };
          });
          expected.sort((a, b) => (a.key < b.key ? 1 : -1));
          const seen: number[] = [];
          let cursor: string | undefined;
          for (let page = 0; page <= Math.ceil(files.length / pageSize); page += 1) {
            const { items, nextCursor } = await listRollouts({ codexHome, pageSize, cursor, archived });
            seen.push(...numbersOf({ items }));
            cursor = nextCursor;
            if (cursor === undefined) break;
          }
          expect(cursor).toBeUndefined();
          expect(seen).toEqual(expected.filter(({ isSilent }) => !isSilent).map(({ n }) => n));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('looking for a conversation', () => {
  it('finds it by its id, active before archived, in any case', async () => {
    const codexHome = temporaryDirectory();
    const archived = archive(codexHome, timestamp, 1);
    expect(await findRollout(codexHome, id.toUpperCase())).toEqual({ path: archived, archived: true });
    const active = store(codexHome, timestamp, 1);
    expect(await findRollout(codexHome, id)).toEqual({ path: active, archived: false });
    expect(await findRollout(codexHome, conversationId(2))).toBeUndefined();
  });

  it('SEC-PATH-1: takes nothing that is not an id', async () => {
    const codexHome = temporaryDirectory();
    store(codexHome, timestamp, 1);
    for (const text of ['', '..', `../${id}`, '*'])
      expect(await findRollout(codexHome, text)).toBeUndefined();
  });
});
