import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { startModelServer } from '../../../src/demo/model-server.ts';
import { RpcError } from '../../../src/protocol/errors.ts';
import type { Client } from '../../../src/rpc/client.ts';
import type { Dispatcher } from '../../../src/rpc/dispatcher.ts';
import { LongResult } from '../../../src/rpc/long-result.ts';
import { connectionClient, requestClient } from '../../../src/server/clients.ts';
import type { Caller } from './callers.ts';
import { failed, succeeded } from './outcome.ts';
import { startParts } from './parts.ts';
import { createScript } from './script.ts';
import { createTurnLog } from './turn-log.ts';
import type { World } from './world.ts';

const CONFIG = `model = "test-model"
model_provider = "test"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.test]
name = "Test"
wire_api = "responses"
`;

/** Everything of the daemon but its doors, in this process: real files, real requests to a model, no sockets. */
export async function openInProcessWorld(): Promise<World> {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'codexd-lifecycle-')));
  const [home, cwd] = [path.join(root, 'home'), path.join(root, 'work')];
  for (const folder of [path.join(home, 'codexd'), cwd]) mkdirSync(folder, { recursive: true });
  const script = createScript();
  const turns = createTurnLog();
  const server = await startModelServer({ respond: script.respond, keepsRequests: false });
  writeFileSync(path.join(home, 'config.toml'), `${CONFIG}base_url = "${server.url}"\n`);
  const parts = await startParts(home, cwd);
  parts.hub.observe(
    connectionClient('sse', {
      size: 0,
      event(frame) {
        const { conversationId } = frame.params as { conversationId: string };
        turns.note(frame.method, conversationId);
      },
    }),
  );
  onTestFinished(async () => {
    await parts.close();
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });
  const [first, second] = [connection(), connection()];
  return {
    home,
    cwd,
    script,
    turns,
    callers: [
      dispatcherCaller(parts.dispatcher, 'in-process', () => first),
      dispatcherCaller(parts.dispatcher, 'in-process', () => second),
      dispatcherCaller(parts.dispatcher, 'rest', () => requestClient('request')),
    ],
  };
}

const connection = (): Client => connectionClient('websocket', { event: () => {}, size: 0 });

const dispatcherCaller = (dispatcher: Dispatcher, door: Caller['door'], client: () => Client): Caller => ({
  door,
  async call(method, params) {
    try {
      const result = await dispatcher.call(method, params, { client: client() });
      const value = result instanceof LongResult ? JSON.parse(result.pieces.join('')) : result;
      return succeeded(value as Record<string, unknown>);
    } catch (error) {
      if (error instanceof RpcError) return failed(error);
      throw error;
    }
  },
});
