import { textAnswer } from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { at } from '../harness/json.ts';
import { storedId } from '../harness/stored-conversation.ts';

export const listeners: readonly InteropCase[] = [
  {
    name: 'events without a listener are held for the first one',
    answers: [textAnswer('one'), textAnswer('two')],
    async play(stage) {
      const conversation = await stage.newSilentConversation();
      await conversation.send('nobody listens');
      await stage.model.waitForRequests(1);
      await stage.settled();
      stage.note('messages before the listener', stage.target.messages.filter(({ method }) => method).length);
      await conversation.listen();
      await conversation.turnEnd();
      await conversation.say('and now?');
    },
  },
  {
    name: 'a listener that was removed gets nothing, the next one what it missed',
    answers: [textAnswer('one'), textAnswer('two'), textAnswer('three')],
    async play(stage) {
      const conversation = await stage.newSilentConversation();
      const subscriptionId = at(await conversation.listen(), 'result', 'subscriptionId');
      await conversation.say('heard');
      await stage.request('removeConversationListener', { subscriptionId });
      await conversation.send('missed');
      await stage.model.waitForRequests(2);
      await stage.settled();
      const ends = stage.target.messages.filter(({ method }) => method === 'codex/event/task_complete');
      stage.note('turns heard of', ends.length);
      await conversation.listen();
      await conversation.turnEnd();
      await conversation.say('heard again');
      await stage.request('removeConversationListener', { subscriptionId });
    },
  },
  {
    name: 'two listeners of one connection do not double the events',
    answers: [textAnswer('one')],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.listen();
      await conversation.say('hi');
      await stage.settled();
      const methods = stage.target.messages.flatMap(({ method }) => method ?? []);
      stage.note('events', methods.sort());
    },
  },
  {
    name: 'what is not there is refused by name',
    async play(stage) {
      const conversationId = storedId(404);
      await stage.request('addConversationListener', { conversationId });
      await stage.request('removeConversationListener', { subscriptionId: conversationId });
      await stage.request('sendUserMessage', { conversationId, items: [] });
      await stage.request('interruptConversation', { conversationId });
    },
  },
];
