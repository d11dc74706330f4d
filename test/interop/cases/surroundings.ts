import { textAnswer } from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';

const answers = () => textAnswer('ok');

export const surroundings: readonly InteropCase[] = [
  {
    name: 'AGENTS.md of the home stands before those from the root of the repository down',
    answers,
    async play(stage) {
      await stage.writeFile(`${stage.home}/AGENTS.md`, '\n\nhome rules \n\n');
      stage.git(['init', '-q', '-b', 'main']);
      await stage.writeFile('AGENTS.md', 'root rules\n');
      await stage.writeFile('a/AGENTS.md', ' \n');
      await stage.writeFile('a/b/AGENTS.md', '  nested rules\n\n');
      for (const cwd of [stage.cwd, `${stage.cwd}/a`, `${stage.cwd}/a/b`]) {
        const conversation = await stage.newConversation({ cwd });
        await conversation.say('hi');
      }
    },
  },
  {
    name: 'outside a repository only the AGENTS.md of the working directory counts, up to its limit',
    answers,
    async play(stage) {
      await stage.writeFile(`${stage.home}/AGENTS.md`, 'home rules');
      await stage.writeFile('AGENTS.md', 'outer rules');
      await stage.writeFile('inner/AGENTS.md', 'inner rules that are too long');
      for (const limit of [1000, 13, 0]) {
        const config = { project_doc_max_bytes: limit };
        const conversation = await stage.newConversation({ cwd: `${stage.cwd}/inner`, config });
        await conversation.say('hi');
      }
    },
  },
  {
    name: 'the state of the repository is stored with a conversation',
    answers,
    async play(stage) {
      stage.git(['init', '-q', '-b', 'trunk']);
      const empty = await stage.newConversation();
      await empty.say('before the first commit');
      await stage.writeFile('below/file', 'content');
      stage.git(['add', '.']);
      stage.git(['commit', '-qm', 'first']);
      stage.git(['remote', 'add', 'origin', 'https://example.test/repository.git']);
      const below = await stage.newConversation({ cwd: `${stage.cwd}/below` });
      await below.say('in a folder');
      stage.git(['checkout', '-q', '--detach']);
      const detached = await stage.newConversation();
      await detached.say('detached');
    },
  },
];
