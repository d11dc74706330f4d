import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hang } from '../../../src/demo/answers.ts';
import {
  callAnswer,
  completed,
  created,
  functionCall,
  itemDone,
  message,
  reasoning,
  textAnswer,
  textDelta,
} from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { at } from '../harness/json.ts';
import { event, question, type RolloutLine, storeConversation } from '../harness/stored-conversation.ts';

const answers = () => textAnswer('ok');

const recordedSettings: RolloutLine = {
  type: 'turn_context',
  payload: {
    cwd: '/',
    approval_policy: 'untrusted',
    sandbox_policy: { mode: 'read-only' },
    model: 'o3',
    effort: 'high',
    summary: 'detailed',
  },
};

export const resuming: readonly InteropCase[] = [
  {
    name: 'a conversation goes on in its own file when the server has been started again',
    answers: [
      [created(), itemDone(reasoning('**Why**')), itemDone(message('first answer')), completed()],
      callAnswer(functionCall('shell', { command: ['echo', 'tool'] })),
      textAnswer('second answer', { input: 200, output: 20 }),
      textAnswer('third answer', { input: 300, output: 30 }),
      textAnswer('fourth answer', { input: 400, output: 40 }),
    ],
    async play(stage) {
      const { id, rolloutPath, say } = await stage.newConversation();
      await say('one');
      await say('two');
      await stage.restart();
      const resumed = await stage.resume(rolloutPath);
      stage.note('the id is the same', resumed.id === id);
      await resumed.say('three');
      await resumed.say('four');
      stage.note('files', readdirSync(dirname(rolloutPath)).length);
    },
  },
  {
    name: 'a resumed conversation has the settings of the server, not the recorded ones',
    config: { model: 'gpt-5-codex', model_reasoning_effort: 'low' },
    answers: [callAnswer(functionCall('shell', { command: ['pwd'] })), textAnswer('done')],
    async play(stage) {
      const { path } = await storeConversation(stage, 1, [recordedSettings, ...question('old')]);
      const resumed = await stage.resume(path);
      await resumed.say('where?');
    },
  },
  {
    name: 'settings given to a resume hold for what comes after',
    config: { profiles: { fast: { model: 'o3', model_reasoning_effort: 'high' } } },
    answers,
    async play(stage) {
      const overrides = [
        { model: 'gpt-4.1' },
        { cwd: '/' },
        { cwd: 'below' },
        { approvalPolicy: 'on-request', sandbox: 'workspace-write' },
        { profile: 'fast' },
        { config: { model: 'o4-mini', model_reasoning_effort: 'high', 'tools.web_search': true } },
        { baseInstructions: 'Be brief.', includePlanTool: true, includeApplyPatchTool: true },
        { model: null, cwd: null, config: null },
        {},
      ];
      for (const [number, settings] of overrides.entries()) {
        const { path } = await storeConversation(stage, number, [recordedSettings, ...question('old')]);
        const resumed = await stage.resume(path, settings);
        await resumed.say('new');
      }
    },
  },
  {
    name: 'settings that cannot be used are refused at a resume',
    async play(stage) {
      const { path } = await storeConversation(stage, 1);
      const refused = [
        { profile: 'nobody' },
        { config: { model_provider: 'nobody' } },
        { config: { experimental_instructions_file: '/nowhere/instructions.md' } },
        { config: { model_reasoning_effort: 'huge' } },
      ];
      for (const overrides of refused) await stage.request('resumeConversation', { path, overrides });
      const senseless = [
        { path, overrides: { approvalPolicy: 'sometimes' } },
        { path, overrides: 'none' },
        {},
        { path: 5 },
      ];
      for (const params of senseless) await stage.request('resumeConversation', params, 700);
      await stage.request('resumeConversation', { path, overrides: null });
    },
  },
  {
    name: 'a client that resumes is told of the prompt history',
    async play(stage) {
      const file = `${stage.home}/history.jsonl`;
      const texts = [undefined, '', '{"text":"a"}\n{"text":"b"}\n', 'one\n\ntwo, unfinished'];
      for (const [number, text] of texts.entries()) {
        if (text !== undefined) await stage.writeFile(file, text);
        const { path } = await storeConversation(stage, number);
        await stage.request('resumeConversation', { path });
        const told = stage.target.messages.findLast(({ method }) => method === 'codex/event')?.params;
        const inode = statSync(file, { throwIfNoEntry: false })?.ino ?? 0;
        stage.note(`${number}: the log is the file`, at(told, 'msg', 'history_log_id') === inode);
      }
    },
  },
  {
    name: 'a conversation that is resumed while it is loaded goes on',
    answers: [textAnswer('first answer'), textAnswer('second answer')],
    compare: ['notes'],
    async play(stage) {
      const { id, rolloutPath, say } = await stage.newConversation();
      await say('first');
      await stage.settled();
      const reply = await stage.request('resumeConversation', {
        path: rolloutPath,
        overrides: { model: 'o3' },
      });
      stage.note('the id is the same', at(reply, 'result', 'conversationId') === id);
      stage.note('model', at(reply, 'result', 'model'));
      stage.note('messages', at(reply, 'result', 'initialMessages'));
      const conversation = await stage.request('addConversationListener', { conversationId: id });
      stage.note('listener', Object.keys(Object(at(conversation, 'result'))));
      await say('second');
      const ends = stage.target.messages.filter(({ method }) => method === 'codex/event/task_complete');
      stage.note(
        'turn ids',
        ends.map(({ params }) => at(params, 'id')),
      );
      stage.note('last request', stage.model.requests[1]?.body.input);
      stage.note('model of the last request', stage.model.requests[1]?.body.model);
    },
  },
  {
    name: 'a resumed conversation is listed once and can be archived',
    answers,
    async play(stage) {
      const { id, path } = await storeConversation(stage, 1);
      const resumed = await stage.resumeSilently(path);
      await resumed.send('new question');
      await stage.model.waitForRequests(1);
      await stage.settled();
      await stage.request('listConversations', {});
      await stage.request('archiveConversation', { conversationId: id, rolloutPath: path });
      await resumed.send('still there?');
      await stage.request('listConversations', {});
      await stage.request('resumeConversation', { path });
    },
  },
  {
    name: 'an archived conversation goes on in its place and cannot be archived again',
    answers,
    async play(stage) {
      const { id, path } = await storeConversation(stage, 1, undefined, { folder: 'archived_sessions' });
      const resumed = await stage.resume(path);
      await resumed.say('new question');
      await stage.request('archiveConversation', { conversationId: id, rolloutPath: path });
      await resumed.say('another question');
      await stage.request('listConversations', {});
    },
  },
  {
    name: 'a resume names the MCP servers that cannot be had',
    config: { mcp_servers: { absent: { command: 'no-such-program-here' } } },
    answers,
    async play(stage) {
      const { path } = await storeConversation(stage, 1);
      const resumed = await stage.resume(path);
      await resumed.say('new question');
    },
  },
  {
    name: 'a program is told of the end of a turn after a resume',
    config: { notify: ['sh', '-c', 'printf %s "$1" > told', 'sh'] },
    answers,
    async play(stage) {
      const pipe = `${stage.cwd}/told`;
      execFileSync('mkfifo', [pipe]);
      const { path } = await storeConversation(stage, 1);
      const resumed = await stage.resume(path);
      await resumed.say('hi');
      stage.note('told', JSON.parse(await readFile(pipe, 'utf8')));
    },
  },
  {
    name: 'a turn after a resume can be interrupted',
    answers: [[created(), textDelta('unheard'), hang()], textAnswer('heard')],
    async play(stage) {
      const { path } = await storeConversation(stage, 1, [
        ...question('old'),
        event({ type: 'turn_aborted', reason: 'interrupted' }),
      ]);
      const resumed = await stage.resume(path);
      await resumed.send('first');
      await resumed.event('agent_message_delta');
      await resumed.interrupt();
      await stage.settled();
      await resumed.say('second');
    },
  },
];
