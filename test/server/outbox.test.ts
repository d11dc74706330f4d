import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createOutbox, type OutboxBounds } from '../../src/server/outbox.ts';

/** An outbox on a real connection whose other end has stopped reading. */
async function openStopped(bounds: OutboxBounds) {
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
  return { peer, socket, ...events, outbox: createOutbox(socket, request.socket, events, bounds) };
}

const KIB = 1024;
const frame = Buffer.alloc(64 * KIB, 'x');
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('SEC-SLOW-2: the outbox', () => {
  it('reports once that too many bytes wait, and takes nothing more', async () => {
    const bounds = { bytes: 512 * KIB, frames: 1e6, patience: 1e6 };
    const { socket, outbox, onOverflow } = await openStopped(bounds);
    while (onOverflow.mock.calls.length === 0) {
      outbox.send(frame);
      await turn();
    }
    const waiting = socket.bufferedAmount;
    expect(waiting).toBeGreaterThan(bounds.bytes);
    expect(waiting).toBeLessThan(bounds.bytes + 2 * frame.length);
    outbox.send(frame);
    await turn();
    expect(onOverflow).toHaveBeenCalledTimes(1);
    expect(socket.bufferedAmount).toBe(waiting);
  });

  it('takes an answer of any size, and asks for a pause until it is gone', async () => {
    const { peer, outbox, onOverflow, onRelief } = await openStopped({
      bytes: KIB,
      frames: 20,
      patience: 1e6,
    });
    outbox.answer(Buffer.alloc(64 * KIB * KIB, 'x'));
    outbox.send('small');
    await turn();
    expect(outbox.congested).toBe(true);
    expect(onOverflow).not.toHaveBeenCalled();
    peer.resume();
    await vi.waitFor(() => expect(outbox.congested).toBe(false), 10_000);
    expect(onRelief).toHaveBeenCalledTimes(1);
  });

  it('has patience with many frames, but not for ever', async () => {
    const { outbox, onOverflow } = await openStopped({ bytes: 1e9, frames: 20, patience: 100 });
    const started = performance.now();
    while (onOverflow.mock.calls.length === 0) {
      outbox.send(frame);
      await turn();
    }
    expect(performance.now() - started).toBeGreaterThan(100);
  });

  it('forgives when the client catches up', async () => {
    const { peer, socket, outbox, onOverflow } = await openStopped({ bytes: 1e9, frames: 20, patience: 100 });
    while (socket.bufferedAmount < 30 * frame.length) {
      outbox.send(frame);
      await turn();
    }
    peer.resume();
    await vi.waitFor(() => expect(socket.bufferedAmount).toBe(0));
    outbox.send(frame);
    await new Promise((resolve) => setTimeout(resolve, 150));
    outbox.send(frame);
    expect(onOverflow).not.toHaveBeenCalled();
  });

  it('sends the frames of one round of the event loop in one write', async () => {
    const { peer, socket, outbox } = await openStopped({ bytes: 1e9, frames: 1e6, patience: 1e6 });
    peer.resume();
    for (let count = 0; count < 100; count++) outbox.send('small');
    expect(socket.bufferedAmount).toBe(100 * ('small'.length + 2));
    await turn();
    await vi.waitFor(() => expect(socket.bufferedAmount).toBe(0));
  });

  it('shares the bytes of a frame instead of copying them', async () => {
    const { peer, outbox } = await openStopped({ bytes: 1e9, frames: 1e6, patience: 1e6 });
    const shared = Buffer.from('shared');
    peer.resume();
    outbox.send(shared);
    outbox.send(shared);
    await once(peer, 'message');
    expect(shared.toString()).toBe('shared');
  });
});
