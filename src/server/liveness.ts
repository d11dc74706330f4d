import type { WebSocket } from 'ws';

const MISSES = 2;
/** Pings and pongs that a client may send at once, and how many it regains per second. */
export const CONTROL_BURST = 60;
const CONTROL_RATE = 20;

/** Pings the client and ends the connection when it stays silent. Stops with the connection. */
export function watchLiveness(socket: WebSocket, interval: number): void {
  let missed = 0;
  const heard = (): void => {
    missed = 0;
  };
  const check = (): void => {
    // While the daemon does not read from it, a client cannot be heard.
    if (socket.isPaused) return;
    missed += 1;
    if (missed > MISSES) socket.terminate();
    else socket.ping();
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
