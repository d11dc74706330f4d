import { textAnswer } from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { at } from '../harness/json.ts';
import type { Stage } from '../harness/stage.ts';
import {
  assistantText,
  question,
  storeConversation,
  storedId,
  userMessageEvent,
  userText,
} from '../harness/stored-conversation.ts';

const environment = userText('<environment_context>\n  <cwd>/x</cwd>\n</environment_context>');
const instructions = userText('<user_instructions>\n\nrules\n\n</user_instructions>');
const image = {
  type: 'response_item',
  payload: { type: 'message', role: 'user', content: [{ type: 'input_image', image_url: 'data:,' }] },
};

async function pages(stage: Stage, pageSize: number): Promise<void> {
  let cursor: unknown = null;
  do {
    const reply = await stage.request('listConversations', { pageSize, cursor });
    cursor = at(reply, 'result', 'nextCursor');
  } while (cursor !== undefined);
}

export const listing: readonly InteropCase[] = [
  {
    name: 'nothing is listed without a folder, and nothing before the first message',
    answers: [textAnswer('one')],
    async play(stage) {
      await stage.request('listConversations', {});
      const conversation = await stage.newConversation();
      await stage.request('listConversations', {});
      await conversation.say('hello\nworld');
      await stage.settled();
      await stage.request('listConversations', {});
    },
  },
  {
    name: 'conversations are listed by pages, newest first',
    async play(stage) {
      for (let number = 0; number < 30; number++) {
        const day = String(1 + (number % 4)).padStart(2, '0');
        const hour = String(10 + (number % 3)).padStart(2, '0');
        await storeConversation(stage, number, undefined, { day, hour });
      }
      await stage.request('listConversations', {});
      await stage.request('listConversations', { pageSize: null, cursor: null });
      await pages(stage, 7);
      await pages(stage, 15);
      await stage.request('listConversations', { pageSize: 0 });
      await stage.request('listConversations', { pageSize: 1000 });
      for (const cursor of ['nonsense', '', `2020-01-03T10-30-00|${storedId(5)}`, '2020-01-03T10-00-00|x']) {
        await stage.request('listConversations', { pageSize: 2, cursor });
      }
    },
  },
  {
    name: 'the preview is the first text that the user wrote',
    async play(stage) {
      const stored = [
        [instructions, environment, ...question('plain question')],
        [...question('context\n## My request for Codex:\n  the request \n')],
        [...question('  spaces and\nlines  ')],
        [image, ...question('behind an image')],
        [image, userMessageEvent('')],
        [assistantText('assistant first'), ...question('user second')],
        [userText('no event')],
        [userMessageEvent('event without an item')],
        [...Array.from({ length: 12 }, () => environment), ...question('too late')],
        [...Array.from({ length: 7 }, () => environment), ...question('just in time')],
        [],
      ];
      for (const [number, lines] of stored.entries()) {
        await storeConversation(stage, number, lines, { hour: String(10 + number) });
      }
      await pages(stage, 4);
    },
  },
  {
    name: 'what is no rollout is passed over',
    async play(stage) {
      await storeConversation(stage, 1);
      await storeConversation(stage, 2, undefined, { hour: '11', meta: false });
      await storeConversation(stage, 3, undefined, { folder: 'archived_sessions' });
      const folder = `${stage.home}/sessions`;
      const line = '{"timestamp":"2020-01-01T10:00:00.000Z","type":"session_meta","payload":{}}\n';
      await stage.writeFile(`${folder}/2020/01/01/notes.txt`, 'x');
      await stage.writeFile(`${folder}/2020/01/01/rollout-2020-01-01T12-00-00-short.jsonl`, line);
      await stage.writeFile(
        `${folder}/2020/01/01/rollout-2020-01-01T13-00-00-${storedId(4)}.jsonl`,
        'no json\n',
      );
      await stage.writeFile(`${folder}/2020/01/01/rollout-2020-01-01T14-00-00-${storedId(5)}.jsonl`, '');
      await stage.writeFile(`${folder}/2020/01/01/rollout-2020-01-01T15-00-00-${storedId(6)}.txt`, line);
      await stage.writeFile(`${folder}/later/01/01/rollout-2020-01-01T16-00-00-${storedId(7)}.jsonl`, line);
      await stage.request('listConversations', {});
      await pages(stage, 1);
    },
  },
];
