import { realpath } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { connected, scriptedServer, temporaryFolder } from './scripted-server.ts';

test('a server is greeted as the reference does, and asked for its tools once', async () => {
  const server = await scriptedServer();
  await connected({ s: server });
  const [, ...received] = server.journal();
  expect(received).toEqual([
    {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: {
        protocolVersion: '2025-06-18',
        capabilities: { elicitation: {} },
        clientInfo: { name: 'codex-mcp-client', title: 'Codex', version: '1.2.3' },
      },
    },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { jsonrpc: '2.0', id: 1, method: 'tools/list' },
  ]);
});

test('a server gets the few inherited variables and its own, and nothing else', async () => {
  const inherited = { HOME: '/h', LANG: 'C', LC_ALL: 'C', LOGNAME: 'l', SHELL: '/bin/sh', TERM: 'xterm' };
  const more = { TMPDIR: '/tmp', TZ: 'UTC', USER: 'u', __CF_USER_TEXT_ENCODING: '0:0:0' };
  const kept = {
    CODEXD_TOKEN: 'a',
    OPENAI_API_KEY: 'b',
    NODE_OPTIONS: '--trace-exit',
    LC_CTYPE: 'C',
    HTTP_PROXY: 'p',
  };
  const server = await scriptedServer({}, { env: { MY_TOKEN: 'mine', USER: 'other' } });
  await connected({ s: server }, { env: { ...inherited, ...more, ...kept } });
  expect(server.journal()[0]?.env).toEqual({
    ...inherited,
    ...more,
    PATH: process.env.PATH,
    MY_TOKEN: 'mine',
    USER: 'other',
  });
});

test("a server runs in the working directory under the user's umask", async () => {
  const cwd = await realpath(await temporaryFolder());
  const server = await scriptedServer();
  await connected({ s: server }, { cwd, umask: 0o027 });
  expect(server.journal()[0]).toMatchObject({ cwd, umask: 0o027 });
});

test('what a server asks on its way is answered, and nobody is there to be asked', async () => {
  const form = { message: 'who?', requestedSchema: { type: 'object', properties: {} } };
  const server = await scriptedServer({
    answers: {
      'notifications/initialized': {
        lines: [
          '{"jsonrpc":"2.0","id":"p","method":"ping"}',
          '{"jsonrpc":"2.0","id":"r","method":"roots/list"}',
          JSON.stringify({ jsonrpc: '2.0', id: 'e', method: 'elicitation/create', params: form }),
        ],
      },
    },
  });
  await connected({ s: server });
  const answers = () => server.journal().filter(({ id }) => typeof id === 'string');
  await expect.poll(() => answers().length).toBe(3);
  expect(answers().toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1))).toMatchObject([
    { id: 'e', result: { action: 'cancel' } },
    { id: 'p', result: {} },
    { id: 'r', error: { code: -32601 } },
  ]);
});
