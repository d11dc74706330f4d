import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hang } from '../../../src/demo/answers.ts';
import { created, textAnswer, textDelta } from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { storeConversation, storedId } from '../harness/stored-conversation.ts';

export const archiving: readonly InteropCase[] = [
  {
    name: 'a stored conversation is archived once, by any path below sessions',
    async play(stage) {
      const plain = await storeConversation(stage, 1);
      const dotted = await storeConversation(stage, 2);
      const linked = await storeConversation(stage, 3);
      await storeConversation(stage, 4);
      const link = join(stage.home, 'sessions', `rollout-2020-01-02T10-00-00-${linked.id}.jsonl`);
      await symlink(linked.path, link);
      const archive = (conversationId: string, rolloutPath: string) =>
        stage.request('archiveConversation', { conversationId, rolloutPath });
      await archive(plain.id, plain.path);
      await archive(dotted.id, dotted.path.replace('/2020/01/01/', '/2020/01/01/../01/'));
      await archive(linked.id, link);
      await archive(plain.id, plain.path);
      await stage.request('listConversations', {});
    },
  },
  {
    name: 'a conversation that is open and idle is archived and gone',
    answers: [textAnswer('one')],
    async play(stage) {
      const { id, rolloutPath, send } = await stage.newSilentConversation();
      await send('hi');
      await stage.model.waitForRequests(1);
      await stage.settled();
      await stage.request('archiveConversation', { conversationId: id, rolloutPath });
      await send('still there?');
    },
  },
  {
    name: 'a running turn ends when its conversation is archived',
    answers: [[created(), textDelta('par'), hang()]],
    async play(stage) {
      const { id, rolloutPath, send } = await stage.newSilentConversation();
      await send('hi');
      await stage.model.waitForRequests(1);
      await stage.settled();
      await stage.request('archiveConversation', { conversationId: id, rolloutPath });
      await stage.request('interruptConversation', { conversationId: id });
    },
  },
  {
    name: 'only rollouts below sessions whose name fits the id are archived',
    async play(stage) {
      const { id, path } = await storeConversation(stage, 1);
      const outside = join(stage.cwd, `rollout-2020-01-01T10-00-00-${id}.jsonl`);
      const sibling = join(stage.home, 'sessions-evil', `rollout-2020-01-01T10-00-00-${id}.jsonl`);
      const link = join(stage.home, 'sessions', `rollout-2020-01-01T10-00-00-${id}.jsonl`);
      await stage.writeFile(outside, 'outside\n');
      await stage.writeFile(sibling, 'sibling\n');
      await symlink(outside, link);
      const refused: [string, string][] = [
        [id, outside],
        [id, sibling],
        [id, link],
        [id, join(stage.home, 'config.toml')],
        [id, join(stage.home, 'sessions', '2020')],
        [id, path.replace('2020-01-01T10', '2020-01-01T11')],
        [id, path.slice(stage.home.length + 1)],
        [id, ''],
        [storedId(2), path],
      ];
      for (const [conversationId, rolloutPath] of refused) {
        await stage.request('archiveConversation', { conversationId, rolloutPath });
      }
    },
  },
];
