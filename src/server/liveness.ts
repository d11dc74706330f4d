import type { WebSocket } from 'ws';

const MISSES = 2;
/** With the usual interval a peer that vanished is noticed within a minute (SEC-SLOW-3). */
const MISSES_WHILE_PAUSED = 3;
/** Pings and pongs that a client may send at once, and how many it regains per second. */
export const CONTROL_BURST = 60;
const CONTROL_RATE = 20;

export interface LivenessOptions {
  /** Milliseconds between pings. */
  readonly interval: number;
  /** Grows with everything that the client takes, which shows that it lives as well as an answer does. */
  readonly progress: () => number;
}

/** Pings the client and ends the connection when it stays silent. Stops with the connection. */
export function watchLiveness(socket: WebSocket, { interval, progress }: LivenessOptions): void {
  let missed = 0;
  let taken = 0;
  const heard = (): void => {
    missed = 0;
  };
  const check = (): void => {
    if (progress() !== taken) heard();
    taken = progress();
    missed += 1;
    // While the daemon does not read from it, a client cannot be heard; but then it has much to take.
    if (missed > (socket.isPaused ? MISSES_WHILE_PAUSED : MISSES)) socket.terminate();
    else if (!socket.isPaused) socket.ping();
  };
  const timer = setInterval(check, interval);
  socket.on('pong', heard).on('ping', heard).on('message', heard);
  socket.on('close', () => clearInterval(timer));
}

/** Closes connections that flood the daemon with pings and pongs (SEC-IN-7). */
export function limitControlFrames(socket: WebSocket): void {
  let left = CONTROL_BURST;
  let last = performance.now();
  const count = (): void => {
    const now = performance.now();
    left = Math.min(CONTROL_BURST, left + ((now - last) / 1000) * CONTROL_RATE) - 1;
    last = now;
    if (left < 0) socket.close(1008, 'rate');
  };
  socket.on('ping', count).on('pong', count);
}
