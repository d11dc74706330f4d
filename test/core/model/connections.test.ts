import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createConnections } from '../../../src/core/model/connections.ts';

async function startServer(): Promise<string> {
  const server = createServer((_request, response) => response.end('here'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('all requests share the connections', async () => {
  const connections = createConnections({});
  onTestFinished(connections.destroy);
  const [one, other] = await Promise.all([connections.dispatcher(), connections.dispatcher()]);
  expect(one).toBe(other);
  const { body } = await one.request({ origin: await startServer(), path: '/', method: 'GET' });
  expect(await body.text()).toBe('here');
});

test('a proxy of the environment is not used for this machine', async () => {
  const connections = createConnections({ HTTP_PROXY: 'http://127.0.0.1:1' });
  onTestFinished(connections.destroy);
  const dispatcher = await connections.dispatcher();
  const { statusCode } = await dispatcher.request({ origin: await startServer(), path: '/', method: 'GET' });
  expect(statusCode).toBe(200);
});

test('once closed there are none, whether there were some before or not', async () => {
  const unused = createConnections({});
  await unused.destroy();
  await expect(unused.dispatcher()).rejects.toThrow('the connections are closed');

  const used = createConnections({});
  const dispatcher = await used.dispatcher();
  await used.destroy();
  await expect(used.dispatcher()).rejects.toThrow('the connections are closed');
  await expect(
    dispatcher.request({ origin: 'http://127.0.0.1:1', path: '/', method: 'GET' }),
  ).rejects.toThrow();
});

test('what is opened while they are closed is closed, too', async () => {
  const connections = createConnections({});
  const opening = connections.dispatcher();
  await connections.destroy();
  const dispatcher = await opening;
  await expect(
    dispatcher.request({ origin: 'http://127.0.0.1:1', path: '/', method: 'GET' }),
  ).rejects.toThrow('destroyed');
});
