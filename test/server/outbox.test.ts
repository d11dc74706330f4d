import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Frame } from '../../src/rpc/frame.ts';
import { wireForm } from '../../src/rpc/wire-text.ts';
import { Outbox, type OutboxBounds } from '../../src/server/outbox.ts';
import { OutboxPool } from '../../src/server/outbox-pool.ts';
import { sharedForm } from '../../src/server/outbox-queue.ts';
import { sharedBatches } from '../../src/server/shared-batches.ts';
import { textFrameHead } from '../../src/server/text-frame.ts';

const KIB = 1024;
const NO_BOUNDS = { bytes: 1e9, frames: 1e6, patience: 1e6 };

/** An outbox on a real connection whose other end has stopped reading. */
async function openStopped(bounds: Partial<OutboxBounds>, pool = new OutboxPool()) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    peer.terminate();
    server.close();
  });
  const [socket, request] = (await once(server, 'connection')) as [WebSocket, { socket: Socket }];
  await once(peer, 'open');
  peer.pause();
  const events = { onOverflow: vi.fn(), onRelief: vi.fn() };
  const outbox = new Outbox({
    wire: {
      isOpen: true,
      join: sharedBatches(textFrameHead),
      write(chunks, sent) {
        for (const chunk of chunks) request.socket.write(chunk);
        request.socket.write('', sent);
      },
    },
    pool,
    form: sharedForm((frame) => frame.extended),
    bounds: { ...NO_BOUNDS, ...bounds },
    ...events,
  });
  return { peer, socket, pool, ...events, outbox };
}

let lastEvent = 0;

function event(method: string, msg: object): Frame {
  lastEvent += 1;
  return new Frame(method, { id: '0', msg, conversationId: 'c' }, `e-${lastEvent}`);
}

const delta = (text: string): Frame => event('codex/event/agent_message_delta', { type: 'd', delta: text });
const item = (text: string): Frame => event('codex/event/agent_message', { type: 'm', message: text });

const large = item('x'.repeat(64 * KIB));
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** All that the peer gets until it has the event. */
async function readUntil(peer: WebSocket, { eventId }: Frame): Promise<{ method: string; params: Params }[]> {
  const received: { method: string; params: Params }[] = [];
  const done = new Promise<void>((resolve) => {
    peer.on('message', (data) => {
      const message = JSON.parse(data.toString());
      received.push(message);
      if (message.params._meta.eventId === eventId) resolve();
    });
  });
  peer.resume();
  await done;
  return received;
}

interface Params {
  msg: { delta?: string };
  _meta: { eventId: string };
}

describe('SEC-SLOW-2: the outbox', () => {
  it('hands little to the system before the client takes it', async () => {
    const { socket, outbox } = await openStopped({});
    for (let count = 0; count < 1_000; count++) {
      outbox.event(large, false);
      await turn();
    }
    expect(outbox.size).toBeGreaterThan(32 * KIB * KIB);
    expect(socket.bufferedAmount).toBeLessThan(512 * KIB);
  });

  it('reports once that too many bytes wait, forgets them, and takes nothing more', async () => {
    const { outbox, onOverflow, pool } = await openStopped({ bytes: 512 * KIB });
    let most = 0;
    while (onOverflow.mock.calls.length === 0) {
      most = Math.max(most, outbox.size);
      outbox.event(large, false);
      await turn();
    }
    expect(most).toBeGreaterThan(900 * KIB);
    expect(most).toBeLessThan(1_100 * KIB);
    outbox.event(large, false);
    expect([outbox.size, pool.size]).toEqual([0, 0]);
    expect(onOverflow).toHaveBeenCalledTimes(1);
  });

  it('takes an answer of any size, and asks for a pause until it is gone', async () => {
    const { peer, outbox, onOverflow, onRelief } = await openStopped({ bytes: KIB, frames: 20 });
    outbox.answer([Buffer.alloc(64 * KIB * KIB, 'x')]);
    outbox.event(item('small'), false);
    await turn();
    expect(outbox.congested).toBe(true);
    expect(onOverflow).not.toHaveBeenCalled();
    peer.resume();
    await vi.waitFor(() => expect(outbox.congested).toBe(false), 10_000);
    expect(onRelief).toHaveBeenCalledTimes(1);
  });

  it('has patience with many events, but not for ever', async () => {
    const { outbox, onOverflow } = await openStopped({ frames: 20, patience: 100 });
    for (let count = 0; count < 200; count++) outbox.event(large, false);
    const started = performance.now();
    while (onOverflow.mock.calls.length === 0) {
      outbox.event(item('small'), false);
      await turn();
    }
    expect(performance.now() - started).toBeGreaterThan(90);
  });

  it('forgives when the client catches up', async () => {
    const { peer, outbox, onOverflow } = await openStopped({ frames: 20, patience: 100 });
    while (outbox.size < 150 * large.size) outbox.event(large, false);
    peer.resume();
    await vi.waitFor(() => expect(outbox.size).toBe(0), 10_000);
    outbox.event(large, false);
    await new Promise((resolve) => setTimeout(resolve, 150));
    outbox.event(large, false);
    expect(onOverflow).not.toHaveBeenCalled();
  });

  it('REL-LOG-5: merges deltas of one text when too many wait, and loses none and no order', async () => {
    const { peer, outbox, onOverflow } = await openStopped({ frames: 400, patience: 300 });
    for (let count = 0; count < 200; count++) outbox.event(large, true);
    for (let count = 0; count < 401; count++) outbox.event(item('early'), false);
    const sent: Frame[] = [];
    const send = (frame: Frame): void => {
      sent.push(frame);
      outbox.event(frame, false);
    };
    for (let count = 0; count < 300; count++) send(delta(`${count} `));
    await new Promise((resolve) => setTimeout(resolve, 50));
    send(item('between'));
    for (let count = 300; count < 2_000; count++) send(delta(`${count} `));
    const received = (await readUntil(peer, sent.at(-1) ?? item(''))).slice(601);
    expect(received.length).toBeLessThan(1_200);
    const texts = received.map(({ params }) => params.msg.delta ?? '|').join('');
    const numbers = Array.from({ length: 2_000 }, (_, count) => `${count} `);
    expect(texts).toBe(`${numbers.slice(0, 300).join('')}|${numbers.slice(300).join('')}`);
    const places = received.map(({ params }) =>
      sent.findIndex(({ eventId }) => eventId === params._meta.eventId),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(onOverflow).not.toHaveBeenCalled();
  });

  it('counts no replay against the client, however long', async () => {
    const { peer, outbox, onOverflow } = await openStopped({ bytes: KIB, frames: 10, patience: 0 });
    const last = item('last');
    for (let count = 0; count < 1_000; count++) outbox.event(large, true);
    outbox.event(last, true);
    expect(await readUntil(peer, last)).toHaveLength(1_001);
    expect(onOverflow).not.toHaveBeenCalled();
  });

  it('gives up the client with most in its queue when all of them together hold too much', async () => {
    const pool = new OutboxPool(200 * 64 * KIB);
    const small = await openStopped({}, pool);
    const big = await openStopped({}, pool);
    for (let count = 0; count < 110; count++) {
      big.outbox.event(large, false);
      if (count < 95) small.outbox.event(large, false);
    }
    expect(big.onOverflow).toHaveBeenCalledTimes(1);
    expect(small.onOverflow).not.toHaveBeenCalled();
    expect(pool.size).toBe(small.outbox.size);
  });

  it('sends what comes in one round of the event loop in one write, the same bytes to all', () => {
    const join = sharedBatches(textFrameHead);
    const [first, second] = [wireForm('first'), wireForm('x'.repeat(300))];
    const batch = join([first, second]);
    expect(batch).toHaveLength(1);
    expect(join([first, second])).toBe(batch);
    expect(join([second, first])).not.toBe(batch);
  });

  it('puts texts of all scripts and pieces of bytes into the same batch', () => {
    const texts = ['first', 'Grüße', '世界 👩‍👩‍👧', 'x'.repeat(70_000), 'ü'.repeat(40_000), 'last'];
    const pieces = [Buffer.from('pie'), Buffer.from('ces')];
    const batch = sharedBatches((size) => `${size}:`)([...texts.map(wireForm), wireForm(pieces)]);
    const expected = [...texts, 'pieces'].map((text) => `${Buffer.byteLength(text)}:${text}`).join('');
    expect(Buffer.concat(batch).toString()).toBe(expected);
  });

  it('makes one entry of an event for all clients that are told of it', () => {
    const form = sharedForm((frame) => frame.extended);
    const [first, second] = [item('ü'), item('second')];
    const entry = form.one(first);
    expect(form.one(first)).toBe(entry);
    expect(entry).toMatchObject({ size: Buffer.byteLength(String(entry?.text)), asked: false, frame: first });
    expect(form.one(second)).not.toBe(entry);
  });

  it('makes one array of entries of events that come together, without those that are not told', () => {
    const form = sharedForm((frame) => (frame.method === 'hidden' ? undefined : frame.extended));
    const frames = [item('first'), event('hidden', {}), item('second')];
    const entries = form.all(frames);
    expect(entries.map(({ frame }) => frame)).toEqual([frames[0], frames[2]]);
    expect(form.all(frames)).toBe(entries);
    expect(form.all([...frames])).not.toBe(entries);
  });

  it('sends events that come together in order with the others, and counts them against the client', async () => {
    const { peer, pool, outbox, onOverflow } = await openStopped({ frames: 500, patience: 0 });
    const sent = [
      item('before'),
      ...Array.from({ length: 300 }, (_, count) => item(`${count}`)),
      item('after'),
    ];
    outbox.event(sent[0] ?? large, false);
    outbox.events(sent.slice(1, -1));
    outbox.event(sent.at(-1) ?? large, false);
    expect(outbox.size).toBe(pool.size);
    const received = await readUntil(peer, sent.at(-1) ?? large);
    expect(received.map(({ params }) => params._meta.eventId)).toEqual(sent.map(({ eventId }) => eventId));
    expect(onOverflow).not.toHaveBeenCalled();
    outbox.events(Array.from({ length: 501 }, () => large));
    expect(onOverflow).toHaveBeenCalledTimes(1);
    outbox.events([large]);
    expect(outbox.size).toBe(0);
  });

  it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])('frames a message of %i bytes', async (length) => {
    const { peer, outbox } = await openStopped({});
    outbox.answer('x'.repeat(length));
    peer.resume();
    const [data, isBinary] = await once(peer, 'message');
    expect([data.length, isBinary]).toEqual([length, false]);
  });
});
