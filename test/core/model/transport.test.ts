import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ModelError } from '../../../src/core/model/types.ts';
import { failing, step } from './model-step.ts';

/** A server that answers whatever is said with the text. */
async function answering(text: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(text));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function attempt(baseUrl: string, env: NodeJS.ProcessEnv = {}) {
  const causes: string[] = [];
  const { error } = await failing(
    step(baseUrl, {
      env,
      provider: { requestMaxRetries: 1 },
      onRetry: (cause) => void causes.push(cause),
    }),
  );
  return { error: error as ModelError, causes };
}

describe('REL-MS-1: a provider that cannot be reached', () => {
  it('because its name is not known is told apart', async () => {
    const { error, causes } = await attempt('https://no-such-host.invalid/v1');
    expect(error.message).toMatch(
      /^error sending request for url \(https:\/\/no-such-host\.invalid\/v1\/responses\): its name cannot be resolved \(E\w+\)$/,
    );
    expect(error.retryable).toBe(true);
    expect(causes).toEqual(['dns']);
  });

  it('because there is no secure connection to it, too', async () => {
    const plain = await answering('HTTP/1.1 400 Bad Request\r\n\r\n');
    const { error, causes } = await attempt(`https://${plain}/v1`);
    expect(error.message).toMatch(/: no secure connection \(\w+\)$/);
    expect(causes).toEqual(['tls']);
  });

  it('because a proxy refuses, too', async () => {
    const proxy = await answering('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    const { error, causes } = await attempt('https://provider.invalid/v1', {
      https_proxy: `http://${proxy}`,
    });
    expect(error.message).toMatch(/: the proxy refuses with 407$/);
    expect(causes).toEqual(['proxy']);
  });

  it('because nobody listens is told in the words of the reference', async () => {
    const { error, causes } = await attempt('http://127.0.0.1:1/v1');
    expect(error.message).toBe('error sending request for url (http://127.0.0.1:1/v1/responses)');
    expect(causes).toEqual(['unreachable']);
  });
});
