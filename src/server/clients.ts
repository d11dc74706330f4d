import { randomUUID } from 'node:crypto';
import type { Client } from '../rpc/client.ts';
import type { Frame } from '../rpc/frame.ts';

const FRESH = { info: undefined, initialized: false, extensions: true };

/** The client of a single HTTP request: it ends with its answer and receives nothing else. */
export function requestClient(id: string): Client {
  return { ...FRESH, id, kind: 'request', transport: 'http', deliver: () => {} };
}

export function connectionClient(transport: 'websocket' | 'sse', deliver: (frame: Frame) => void): Client {
  return { ...FRESH, id: randomUUID(), kind: 'connection', transport, deliver };
}
