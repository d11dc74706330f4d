import { execFileSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { textAnswer } from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { at } from '../harness/json.ts';
import type { Stage } from '../harness/stage.ts';
import {
  assistantText,
  question,
  type RolloutLine,
  recordText,
  storeConversation,
  storedId,
  storedMeta,
  storeText,
} from '../harness/stored-conversation.ts';

const answers = () => textAnswer('ok');

const textOf = (lines: readonly (RolloutLine | string)[], end = '\n'): string =>
  lines.map((line) => `${typeof line === 'string' ? line : recordText(line)}${end}`).join('');

/** A conversation in records, by its number. */
const whole = (number: number): RolloutLine[] => [
  storedMeta(number),
  ...question('old question'),
  assistantText('old answer'),
];

/** Texts of files that differ in how their lines are made. */
const layouts: readonly ((number: number) => string)[] = [
  (number) => textOf(whole(number), '\r\n'),
  (number) => textOf(whole(number), '\n\n'),
  (number) => textOf(['', '  \t', ...whole(number), '\t']),
  (number) => textOf(['{"timestamp":', ...whole(number), 'no json', '[1]', 'null', '"text"', '{}']),
  (number) => textOf([...whole(number), storedMeta(number + 50), ...question('after the second meta')]),
  (number) => textOf([...question('before the meta'), ...whole(number)]),
  (number) => textOf(whole(number + 50)),
  (number) => textOf([...whole(number), '{"timestamp":"t","type":"hologram","payload":{}}']),
  (number) =>
    textOf(whole(number).map((line) => JSON.stringify({ ...line, timestamp: 'no time', more: [1] }))),
  (number) => textOf(whole(number).map((line) => JSON.stringify({ ...line, timestamp: undefined }))),
  (number) => textOf(whole(number).map((line) => `  ${recordText(line)} `)),
];

/** A meta line that lacks or changes something. */
const metas: readonly Readonly<Record<string, unknown>>[] = [
  { cwd: undefined },
  { timestamp: undefined },
  { originator: undefined },
  { cli_version: undefined },
  { instructions: undefined },
  { instructions: 'be kind' },
  { id: 'no uuid' },
  { id: undefined },
  { git: {} },
  { git: null },
  { git: { commit_hash: 'abc', branch: 'b', repository_url: 'u', more: 1 } },
  { source: 'cli', model_provider: 'openai', base_instructions: { text: 'x' }, session_id: storedId(1) },
];

async function resumeAndSay(stage: Stage, path: string): Promise<void> {
  const reply = await stage.request('resumeConversation', { path });
  const conversationId = at(reply, 'result', 'conversationId');
  if (typeof conversationId !== 'string') return;
  const requests = stage.model.requests.length;
  await stage.request('sendUserMessage', {
    conversationId,
    items: [{ type: 'text', data: { text: 'new question' } }],
  });
  await stage.model.waitForRequests(requests + 1);
}

export const resumedFiles: readonly InteropCase[] = [
  {
    name: 'a rollout is resumed however its lines are made',
    answers,
    compare: ['replies', 'notifications', 'modelRequests', 'rollouts', 'files'],
    async play(stage) {
      for (const [number, layout] of layouts.entries()) {
        const { path } = await storeText(stage, number, layout(number));
        await resumeAndSay(stage, path);
      }
    },
  },
  {
    name: 'a rollout is resumed by whatever its first record tells',
    answers,
    compare: ['replies', 'notifications', 'modelRequests', 'rollouts', 'files'],
    async play(stage) {
      for (const [number, change] of metas.entries()) {
        const { type, payload } = storedMeta(number);
        const lines = [{ type, payload: { ...Object(payload), ...change } }, ...question('old')];
        const { path } = await storeText(stage, number, textOf(lines));
        await resumeAndSay(stage, path);
      }
    },
  },
  {
    name: 'a mark of the byte order does not hide the first record',
    compare: ['notes'],
    async play(stage) {
      const { path } = await storeText(stage, 1, `\ufeff${textOf(whole(1))}`);
      const reply = await stage.request('resumeConversation', { path });
      stage.note('answer', Object.keys(reply));
    },
  },
  {
    name: 'what cannot be continued is refused with its reason',
    async play(stage) {
      await storeConversation(stage, 1);
      const bare = [{ id: storedId(2), timestamp: '2020-01-01T10:00:00.000Z', instructions: null }];
      const items = question('old').map(({ payload }) => payload);
      const old = [...bare, { record_type: 'state' }, ...items].map((line) => JSON.stringify(line));
      const stored = [
        await storeText(stage, 2, textOf(old)),
        await storeText(stage, 3, ''),
        await storeText(stage, 4, '\n \n'),
        await storeText(stage, 5, 'no json\n'),
        await storeText(stage, 6, textOf(question('no meta'))),
      ];
      const folder = join(stage.home, 'sessions', '2020');
      await symlink('nowhere', join(stage.home, 'sessions', 'dangling'));
      await symlink('circle', join(stage.home, 'sessions', 'circle'));
      const paths = [
        ...stored.map(({ path }) => path),
        folder,
        `${folder}/nothing.jsonl`,
        `${stage.home}/config.toml`,
        `${stage.home}/config.toml/below`,
        join(stage.home, 'sessions', 'dangling'),
        join(stage.home, 'sessions', 'circle'),
        '',
        `${folder}/${'x'.repeat(300)}`,
      ];
      for (const path of paths) await stage.request('resumeConversation', { path });
      await stage.request('getUserAgent');
    },
  },
  {
    name: 'a pipe is no rollout and keeps nobody waiting',
    compare: ['notes'],
    async play(stage) {
      const pipe = join(stage.home, 'sessions.pipe');
      execFileSync('mkfifo', [pipe]);
      const reply = await stage.request('resumeConversation', { path: pipe }, 700);
      stage.note('answer', Object.keys(reply));
      stage.note('the next request is answered', 'result' in (await stage.request('getUserAgent', {}, 700)));
    },
  },
  {
    name: 'bytes that are no text take no more than their line',
    answers,
    compare: ['notes'],
    async play(stage) {
      const before = [...whole(1), ...question('damaged')];
      const damaged = Buffer.from(textOf([...before, ...question('later')]));
      damaged.fill(0xff, damaged.indexOf('damaged'), damaged.indexOf('damaged') + 7);
      const { path } = await storeText(stage, 1, damaged);
      const reply = await stage.request('resumeConversation', { path });
      stage.note('messages', at(reply, 'result', 'initialMessages'));
    },
  },
  {
    name: 'a conversation is resumed by any path that leads to it',
    answers,
    async play(stage) {
      const relative = await storeConversation(stage, 1);
      const dotted = await storeConversation(stage, 2);
      const linked = await storeConversation(stage, 3);
      const outside = await stage.writeFile('elsewhere.txt', textOf(whole(4)));
      const link = join(stage.home, 'sessions', 'link.jsonl');
      await symlink(linked.path, link);
      await resumeAndSay(stage, `../home/${relative.path.slice(stage.home.length + 1)}`);
      await resumeAndSay(stage, dotted.path.replace('/2020/01/01/', '/2020/01/01/../01/'));
      await resumeAndSay(stage, link);
      await resumeAndSay(stage, outside);
      await stage.settled();
      stage.note('files of the workspace', await stage.contents());
    },
  },
  {
    name: 'a last line without an end does not swallow what comes after it',
    answers,
    compare: ['notes'],
    async play(stage) {
      const tails = {
        whole: recordText(assistantText('whole')),
        cut: '{"timestamp":"20',
        zeros: '\0'.repeat(9),
      };
      const stored = await Promise.all(
        Object.values(tails).map((tail, number) => storeText(stage, number, textOf(whole(number)) + tail)),
      );
      for (const { path } of stored) await resumeAndSay(stage, path);
      await stage.restart(stage.startReference);
      for (const [number, tail] of Object.keys(tails).entries()) {
        await resumeAndSay(stage, String(stored[number]?.path));
        stage.note(
          `what the model is told after a ${tail} line`,
          textsOf(stage.model.requests.at(-1)?.body.input),
        );
      }
    },
  },
];

function textsOf(input: unknown): string {
  return Array.isArray(input) ? input.map((item) => at(item, 'content', 0, 'text')).join(', ') : '';
}
