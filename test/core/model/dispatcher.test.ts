import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { textAnswer } from '../../../src/demo/responses.ts';
import { collect, failing, serve, step } from './model-step.ts';

describe('connections to a provider', () => {
  it('go through the proxy of the environment', async () => {
    const proxy = createServer();
    onTestFinished(() => void proxy.close());
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const address = proxy.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const env = { HTTP_PROXY: `http://127.0.0.1:${port}` };
    const ended = failing(step('http://model.test/v1', { env }));
    const [socket] = await once(proxy, 'connection');
    const [request] = await once(socket, 'data');
    expect(String(request)).toMatch(/^(CONNECT|POST) \S*model\.test/);
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    expect((await ended).error).toMatchObject({ retryable: true });
  });

  it('do not go through a proxy when the provider is on this machine', async () => {
    const { url } = await serve(textAnswer('ok'));
    const env = { HTTP_PROXY: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1' };
    expect(await collect(step(url, { env }))).not.toEqual([]);
  });
});
