import { performance } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import { call, connected, isAlive, type Script, says, scriptedServer, tool } from './scripted-server.ts';

const NO_ARGUMENTS = { args: [], env: {}, startupTimeoutMs: 15_000 };
const MISSING = 'No such file or directory (os error 2)';

const failuresOf = async (...servers: Parameters<typeof connected>) => (await connected(...servers)).failures;
const message = (name: string, reason: string) => ({
  name,
  message: `MCP client for \`${name}\` failed to start: ${reason}`,
});

describe('a server that cannot be started', () => {
  test.each([
    ['/no/such/program', MISSING],
    ['no-such-program', MISSING],
    ['', MISSING],
    ['/', 'Permission denied (os error 13)'],
    ['a\0b', 'nul byte found in provided data'],
  ])('because of its program %j', async (command, reason) => {
    expect(await failuresOf({ s: { command, ...NO_ARGUMENTS } })).toEqual([message('s', reason)]);
  });

  test('because of its environment is told without the environment', async () => {
    const server = { command: 'node', ...NO_ARGUMENTS, env: { SECRET: 's3cret\0' } };
    expect(await failuresOf({ s: server })).toEqual([message('s', 'nul byte found in provided data')]);
  });

  test('because of its name is not started', async () => {
    const server = await scriptedServer();
    expect(await failuresOf({ 'bad name': server })).toEqual([
      message('bad name', "invalid server name 'bad name': must match pattern ^[a-zA-Z0-9_-]+$"),
    ]);
    expect(server.journal()).toEqual([]);
  });

  test('stops no other, and all are told by name', async () => {
    const good = await scriptedServer({ tools: [tool('t')], calls: { t: says('fine') } });
    const broken = { command: '/no/such/program', ...NO_ARGUMENTS };
    const connections = await connected({ z: broken, good, b: broken });
    expect(connections.failures).toEqual([message('b', MISSING), message('z', MISSING)]);
    expect(await call(connections, 'good__t').output).toContain('fine');
  });
});

describe('a server that does not greet back', () => {
  test('because it exits is noticed at once', async () => {
    const startedAt = performance.now();
    const server = await scriptedServer({ answers: { initialize: { exit: 7 } } });
    expect(await failuresOf({ s: server })).toEqual([message('s', 'the server exited with code 7')]);
    const atOnce = { command: '/bin/sh', ...NO_ARGUMENTS, args: ['-c', 'exit 3'] };
    expect(await failuresOf({ s: atOnce })).toEqual([message('s', 'the server exited with code 3')]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test('is given up after its timeout, whatever else it does, and ended', async () => {
    const scripts: Record<string, Script> = {
      deaf: { answers: { initialize: { silence: true } } },
      'garbage-writer': { answers: { initialize: { lines: ['hello', '{', '[]'] } } },
      listless: { answers: { 'tools/list': { silence: true } } },
    };
    const entries = Object.entries(scripts).map(async ([name, script]) => {
      const settings = { startupTimeoutMs: 1000 };
      return [name, await scriptedServer({ ...script, ignoreTermination: true }, settings)] as const;
    });
    const servers = await Promise.all(entries);
    const startedAt = performance.now();
    expect(await failuresOf(Object.fromEntries(servers))).toEqual(
      Object.keys(scripts).map((name) => message(name, 'request timed out')),
    );
    expect(performance.now() - startedAt).toBeGreaterThan(900);
    const pids = servers.map(([, server]) => Number(server.journal()[0]?.pid));
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  });

  test('because it closed its output is given up at once', async () => {
    const server = await scriptedServer({ answers: { initialize: { closeOutput: true } } });
    expect(await failuresOf({ s: server })).toEqual([message('s', 'the server was ended by SIGKILL')]);
  });

  test.each<[string, Script, string]>([
    [
      'an error',
      { answers: { initialize: { error: { code: -32600, message: 'no way' } } } },
      'server returned JSON-RPC error: code = -32600, message = no way',
    ],
    [
      'an error about its tools',
      { answers: { 'tools/list': { error: { code: -32601, message: 'no tools' } } } },
      'server returned JSON-RPC error: code = -32601, message = no tools',
    ],
    [
      'something else',
      { answers: { initialize: { result: { protocolVersion: '2025-06-18', capabilities: {} } } } },
      'serverInfo: Invalid input: expected object, received undefined',
    ],
    [
      'no list of tools',
      { answers: { 'tools/list': { result: {} } } },
      'tools: Invalid input: expected array, received undefined',
    ],
  ])('but answers with %s is told with that', async (_, script, reason) => {
    expect(await failuresOf({ s: await scriptedServer(script) })).toEqual([message('s', reason)]);
  });
});

test('garbage between the messages of a server is passed over', async () => {
  const answer = '{"jsonrpc":"2.0","id":$ID,"result":{"content":[]}}';
  const server = await scriptedServer({
    tools: [tool('t')],
    calls: { t: { lines: ['Listening on stdio', '', '{"jsonrpc":"2.0","id":99,"result":{}}', answer] } },
  });
  expect(await call(await connected({ s: server }), 's__t').output).toBe('[]');
});

describe('a server that ends', () => {
  test('during a call is told to the model, and is started again by the next call', async () => {
    const server = await scriptedServer({
      tools: [tool('die'), tool('t')],
      calls: { die: { exit: 3 }, t: says('back') },
    });
    const connections = await connected({ s: server });
    const { output, events } = call(connections, 's__die');
    const failure = 'tool call error: tool call failed for `s/die`: the server exited with code 3';
    expect(await output).toBe(failure);
    expect(events[1]).toMatchObject({ type: 'mcp_tool_call_end', result: { Err: failure } });
    const both = await Promise.all([call(connections, 's__t').output, call(connections, 's__t').output]);
    expect(both).toEqual(Array(2).fill('[{"text":"back","type":"text"}]'));
    expect(server.journal().filter(({ pid }) => pid)).toHaveLength(2);
  });

  test('REL-CH-2: again and again is left alone after five new starts', async () => {
    const server = await scriptedServer({ tools: [tool('die')], calls: { die: { exit: 3 } } });
    const connections = await connected({ s: server });
    for (let time = 0; time < 6; time++) await call(connections, 's__die').output;
    expect(await call(connections, 's__die').output).toBe(
      'tool call error: tool call failed for `s/die`: the server exited with code 3, and was started again 5 times in 5 minutes',
    );
    expect(server.journal().filter(({ pid }) => pid)).toHaveLength(6);
  });

  test('is not started again after the connections are closed', async () => {
    const server = await scriptedServer({ tools: [tool('t')] });
    const connections = await connected({ s: server });
    await connections.close();
    expect(await call(connections, 's__t').output).toContain('the server was closed with its conversation');
    expect(server.journal().filter(({ pid }) => pid)).toHaveLength(1);
  });
});
