import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MAX_CONNECTIONS } from '../../src/server/connections.ts';
import { openDoors, temporaryFolder } from '../support/doors.ts';
import { bearer, call, get } from '../support/http.ts';
import { openWebSocket } from '../support/websocket.ts';

/** A connection that says what it is given and nothing more. */
interface Opened {
  readonly socket: Socket;
  readonly answered: Promise<unknown>;
  /** All that was received. */
  readonly closed: Promise<string>;
}

async function open(port: number, text = ''): Promise<Opened> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    received += chunk;
  });
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(received)));
  const answered = new Promise((resolve) => socket.once('data', resolve));
  await once(socket, 'connect');
  socket.write(text);
  return { socket, answered, closed };
}

const openMany = (count: number, port: number, text = '') =>
  Promise.all(Array.from({ length: count }, () => open(port, text)));

describe('SEC-RATE-2: connections that show no credential', () => {
  it('beyond 32 are closed, the first ones first; who has one is served, and so is the unix socket', async () => {
    const socketPath = `${temporaryFolder()}/s.sock`;
    const { url, port } = await openDoors({ socketPath });
    const local = Array.from({ length: 40 }, () => connect(socketPath));
    onTestFinished(() => {
      for (const socket of local) socket.destroy();
    });
    await Promise.all(local.map((socket) => once(socket, 'connect')));
    const started = performance.now();
    const strangers = await openMany(40, port);
    await Promise.all(strangers.slice(0, 8).map(({ closed }) => closed));
    expect(performance.now() - started).toBeLessThan(4_500);
    expect((await get(`${url}/v1/user-agent`)).status).toBe(200);
    expect(strangers.slice(8).every(({ socket }) => !socket.destroyed)).toBe(true);
    expect(local.every(({ readyState }) => readyState === 'open')).toBe(true);
    expect((await call('http://codexd/v1/user-agent', { socketPath })).status).toBe(200);
  });
});

describe('SEC-SLOW-1: 200 requests that never come to their end', () => {
  it.each([
    ['in their headers', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
    [
      'in their body',
      `POST /rpc HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${bearer.authorization}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`,
    ],
  ])('%s are closed with 408 while others are served', async (_name, beginning) => {
    const { url, port } = await openDoors({ requestTimeout: 1_000 });
    const slow = await openMany(200, port, beginning);
    const drip = setInterval(() => {
      for (const { socket } of slow) socket.write(' ');
    }, 200);
    onTestFinished(() => clearInterval(drip));
    expect((await get(`${url}/v1/user-agent`)).status).toBe(200);
    const answers = await Promise.all(slow.map(({ closed }) => closed));
    expect(new Set(answers.map((answer) => answer.split('\r\n')[0]))).toEqual(
      new Set(['HTTP/1.1 408 Request Timeout']),
    );
  });
});

describe('SEC-RATE-2: a WebSocket', () => {
  it('that says nothing is closed in time', async () => {
    const { url } = await openDoors({ firstMessageWithin: 100 });
    const silent = await openWebSocket(url);
    const talking = await openWebSocket(url);
    await talking.call('getUserAgent');
    expect(await silent.closed).toEqual([1008, 'initialize timeout']);
    expect(await talking.call('getUserAgent')).toHaveProperty('result');
  });

  it('may begin with 64 KiB and no more, and go on with more', async () => {
    const { url } = await openDoors();
    const big = (size: number) => {
      const message = JSON.stringify({ id: 1, method: 'getUserAgent', params: {} });
      return `${message.slice(0, -1) + ' '.repeat(size - message.length)}}`;
    };
    const peer = await openWebSocket(url);
    for (const size of [64 * 1024, 1024 * 1024]) {
      peer.send(big(size));
      expect(await peer.next()).toHaveProperty('result');
    }
    const greedy = await openWebSocket(url);
    greedy.send(big(64 * 1024 + 1));
    expect((await greedy.closed)[0]).toBe(1009);
  });
});

describe('SEC-IN-13: more connections than the daemon takes', () => {
  it('are answered with 503 and Retry-After, and those before go on', async () => {
    const { url, port } = await openDoors();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const early = () => call(`${url}/v1/user-agent`, { agent, headers: bearer });
    expect((await early()).status).toBe(200);
    const lines = [
      'GET /v1/user-agent HTTP/1.1',
      `Host: localhost:${port}`,
      `Authorization: ${bearer.authorization}`,
    ];
    const open: Opened[] = [];
    while (open.length < MAX_CONNECTIONS - 1) {
      const batch = await openMany(33, port, `${lines.join('\r\n')}\r\n\r\n`);
      await Promise.all(batch.map(({ answered }) => answered));
      open.push(...batch);
    }
    const late = await get(`${url}/v1/user-agent`);
    expect([late.status, late.headers['retry-after'], late.json()]).toMatchObject([
      503,
      '1',
      { code: -32001, reason: 'too_many_connections' },
    ]);
    for (const { socket } of open.slice(0, 10)) socket.destroy();
    await Promise.all(open.slice(0, 10).map(({ closed }) => closed));
    expect((await early()).status).toBe(200);
  });
});
