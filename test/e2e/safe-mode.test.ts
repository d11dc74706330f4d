import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { textAnswer } from '../../src/demo/responses.ts';
import { createPlace } from '../support/daemon-process.ts';

/** Leaves a mark as soon as it is started. */
const mcp = (mark: string) =>
  `[mcp_servers.s]\ncommand = "touch"\nargs = [${JSON.stringify(mark)}]\nstartup_timeout_ms = 500\n`;

test('REL-SIG-6: after five crashes within a minute the daemon runs without MCP servers, and says so', {
  timeout: 30_000,
}, async () => {
  const place = await createPlace(() => textAnswer('hello'), mcp('mark'));
  for (let crash = 0; crash < 5; crash++) {
    const daemon = await place.start();
    expect(await daemon.get('/v1/server')).toMatchObject({ safeMode: false });
    await daemon.kill('SIGKILL');
  }
  const daemon = await place.start();
  expect(await daemon.get('/v1/server')).toMatchObject({ safeMode: true });
  expect(daemon.stderr()).toContain('safe mode: ');
  await daemon.newConversation();
  expect(() => readFileSync(path.join(place.cwd, 'mark'))).toThrow('ENOENT');
  expect(await daemon.kill('SIGTERM')).toBe(0);
});

test('REL-SIG-4: what SIGUSR2 writes has the conversations and the numbers, and nothing that was said', async () => {
  const place = await createPlace(() => textAnswer('a secret answer'));
  const daemon = await place.start(['--log-level', 'info']);
  const { conversationId } = await daemon.newConversation();
  const events = await daemon.stream(`/v1/conversations/${conversationId}/events`);
  await daemon.say(conversationId, 'a secret question');
  await events.event('task_complete');
  daemon.child.kill('SIGUSR2');
  await expect.poll(daemon.stderr).toContain('wrote down how the daemon is');
  const text = readFileSync(path.join(place.home, 'codexd', 'diagnostics.json'), 'utf8');
  expect(JSON.parse(text).daemon).toMatchObject({
    safeMode: false,
    storageProblem: null,
    conversations: [{ conversationId, turn: null, listeners: 1 }],
    clients: [{ transport: 'sse' }],
    metrics: expect.arrayContaining(['codexd_conversations_loaded 1']),
  });
  expect(text).not.toMatch(/a secret/);
});
