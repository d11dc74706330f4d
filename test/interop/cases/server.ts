import type { InteropCase } from '../harness/interop-case.ts';

export const server: readonly InteropCase[] = [
  {
    name: 'a client says hello once and learns the user agent',
    async play(stage) {
      stage.note('welcome', stage.target.welcome);
      await stage.request('getUserAgent');
      await stage.request('getUserAgent', null);
      await stage.request('getUserAgent', { ignored: true });
      await stage.request('initialize', {
        protocolVersion: '1999-01-01',
        capabilities: {},
        clientInfo: { name: 'late', version: '0' },
      });
      await stage.request('getUserAgent', {});
    },
  },
  {
    name: 'requests that make no sense are answered',
    async play(stage) {
      const ask = (method: string, params?: unknown) => stage.request(method, params, 400);
      await ask('teleport', {});
      await ask('newConversation', { cwd: 5 });
      await ask('newConversation', { approvalPolicy: 'sometimes' });
      await ask('sendUserMessage');
      await ask('sendUserMessage', { conversationId: 'no uuid', items: [] });
      await ask('execOneOffCommand', { command: 'ls' });
      const before = stage.target.messages.length;
      stage.target.sendText('{this is not json');
      await stage.settled();
      stage.note('answer to a text that is no JSON', stage.target.messages.slice(before));
      await stage.request('getUserAgent');
    },
  },
];
