import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { callManyTimes } from '../../../bench/lib/calls.ts';
import { getManyTimes } from '../../../bench/lib/http-calls.ts';
import { lineWire } from '../../../bench/lib/line-wire.ts';

const CALL = { method: 'anything', params: {} };

/** A server on two streams that answers all that it has been asked in one turn of the event loop. */
function startLineServer(answer: (id: number) => object) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const asked: number[] = [];
  let most = 0;
  let total = 0;
  const answerAll = (): void => {
    most = Math.max(most, asked.length);
    total += asked.length;
    for (const id of asked.splice(0)) output.write(`${JSON.stringify(answer(id))}\n`);
  };
  createInterface({ input }).on('line', (line) => {
    if (asked.push(JSON.parse(line).id) === 1) setImmediate(answerAll);
  });
  const wire = lineWire(input, output, new Promise(() => {}));
  return { wire, seen: () => ({ most, total }) };
}

it('as many calls are in flight as asked for, and as many are made', async () => {
  const { wire, seen } = startLineServer((id) => ({ id, result: {} }));
  expect(await callManyTimes(wire, CALL, 8, 100)).toBeGreaterThan(0);
  expect(seen()).toEqual({ most: 8, total: 100 });
});

it('a call that is answered with an error ends the measurement', async () => {
  const { wire } = startLineServer((id) => ({ id, error: { code: -32600, message: 'not today' } }));
  await expect(callManyTimes(wire, CALL, 2, 10)).rejects.toThrowError('not today');
});

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  onTestFinished(() => void server.close());
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, url, connections: () => connections };
}

it('connections that a server closes are opened again until every request is answered', async () => {
  let answered = 0;
  const { server, url, connections } = await serve((request, response) => {
    expect(request.headers.authorization).toBe('Bearer secret');
    answered += 1;
    response.setHeader('content-length', 2).end('{}');
  });
  server.maxRequestsPerSocket = 10;
  await getManyTimes({ url, token: 'secret' }, '/', 4, 100);
  expect(answered).toBe(100);
  expect(connections()).toBeGreaterThanOrEqual(10);
});

it('an answer that is not 200 ends the measurement', async () => {
  const { url } = await serve((_request, response) => response.writeHead(401).end());
  await expect(getManyTimes({ url }, '/', 1, 10)).rejects.toThrowError('401');
});
