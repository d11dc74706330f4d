import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

export interface OutboxBounds {
  /** Bytes that may wait for the client. */
  readonly bytes: number;
  /** Frames that may wait for the client for longer than `patience`. */
  readonly frames: number;
  /** Milliseconds. */
  readonly patience: number;
}

export const OUTBOX_BOUNDS: OutboxBounds = { bytes: 8 * 1024 * 1024, frames: 4_096, patience: 10_000 };

export interface Outbox {
  /** What the client did not ask for. Never waits and never throws. */
  send(data: Buffer | string): void;
  /**
   * What the client asked for, however large it is. It does not count against the bounds; while much of it waits the
   * outbox is `congested`, and the client should not be asked what else it wants.
   */
  answer(data: Buffer | string): void;
  readonly congested: boolean;
}

export interface OutboxEvents {
  /** The client lets more than the bounds pile up. Called once; nothing more is sent. */
  onOverflow(): void;
  /** No longer congested. */
  onRelief(): void;
}

/**
 * What waits for one WebSocket client. The frames bound has patience, since one burst of small events is not yet a slow
 * client.
 */
export function createOutbox(
  socket: WebSocket,
  wire: Socket,
  { onOverflow, onRelief }: OutboxEvents,
  bounds: OutboxBounds = OUTBOX_BOUNDS,
): Outbox {
  let waiting = 0;
  let answering = 0;
  let crowdedSince: number | undefined;
  let held = false;
  let overflown = false;

  const sent = (): void => {
    waiting -= 1;
  };

  /** All frames of one round of the event loop leave in one write. */
  function hold(): void {
    if (held) return;
    held = true;
    wire.cork();
    setImmediate(release);
  }

  function release(): void {
    if (!held) return;
    held = false;
    wire.uncork();
  }

  const unasked = (): number => socket.bufferedAmount - answering;
  const isCongested = (): boolean => answering > bounds.bytes;

  function isTooMuch(): boolean {
    if (unasked() > bounds.bytes) release();
    if (unasked() > bounds.bytes) return true;
    if (waiting <= bounds.frames) crowdedSince = undefined;
    else crowdedSince ??= performance.now();
    return crowdedSince !== undefined && performance.now() - crowdedSince > bounds.patience;
  }

  return {
    send(data) {
      if (overflown || socket.readyState !== socket.OPEN) return;
      hold();
      waiting += 1;
      socket.send(data, { binary: false }, sent);
      if (!isTooMuch()) return;
      overflown = true;
      onOverflow();
    },
    answer(data) {
      if (overflown || socket.readyState !== socket.OPEN) return;
      hold();
      const size = Buffer.byteLength(data);
      answering += size;
      socket.send(data, { binary: false }, () => {
        const wasCongested = isCongested();
        answering -= size;
        if (wasCongested && !isCongested()) onRelief();
      });
    },
    get congested() {
      return isCongested();
    },
  };
}
