import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { textAnswer } from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { at } from '../harness/json.ts';
import { storeText } from '../harness/stored-conversation.ts';

const answers = () => textAnswer('ok');

const sample = (name: string) => readFile(fileURLToPath(new URL(`../samples/${name}`, import.meta.url)));

export const todaysFiles: readonly InteropCase[] = [
  {
    name: "a conversation of the reference that today's release went on with goes on here",
    answers,
    async play(stage) {
      const { path } = await storeText(stage, 36, await sample('continued.jsonl'));
      const resumed = await stage.resume(path);
      await resumed.say('new question');
      await stage.request('listConversations', {});
    },
  },
  {
    name: "a conversation that numbers its records is left to today's release",
    compare: ['notes'],
    async play(stage) {
      const numbered = await sample('numbered.jsonl');
      const { path } = await storeText(stage, 169, numbered);
      const reply = await stage.request('resumeConversation', { path });
      stage.note('answer', at(reply, 'error') ?? 'resumed');
      await stage.request('getUserAgent');
      await stage.settled();
      stage.note('the file is as it was', numbered.equals(await readFile(path)));
    },
  },
];
