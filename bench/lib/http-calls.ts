import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Door } from './peer.ts';

/**
 * Sends so many GET requests over so many connections at once, one after the other on each, and opens a connection again
 * that the server closes. It reads of the answers what it must: a client library does more than the server.
 * @returns ms that it took
 * @throws when an answer is not 200
 */
export async function getManyTimes(
  door: Door,
  path: string,
  connections: number,
  times: number,
): Promise<number> {
  const request = requestFor(door, path);
  let sent = 0;
  const takeOne = (): boolean => {
    sent += 1;
    return sent <= times;
  };
  const started = performance.now();
  const each = Array.from({ length: connections }, async () => {
    while (sent < times) await useConnection(door, request, takeOne);
  });
  await Promise.all(each);
  return performance.now() - started;
}

function requestFor({ url, token }: Door, path: string): Buffer {
  const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`;
  return Buffer.from(`GET ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\n${authorization}\r\n`);
}

/** Settles when nothing is left to do or the server wants another connection. */
async function useConnection(door: Door, request: Buffer, takeOne: () => boolean): Promise<void> {
  const { hostname, port } = new URL(door.url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  await new Promise<void>((resolve, reject) => {
    const next = (): void => {
      if (takeOne()) socket.write(request);
      else resolve();
    };
    socket.once('error', reject).once('close', () => resolve());
    readAnswers(socket, next, resolve, reject);
    next();
  });
  socket.destroy();
}

function readAnswers(
  socket: Socket,
  answered: () => void,
  ending: () => void,
  refused: (reason: Error) => void,
): void {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const headEnd = text.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = text.slice(0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (text.length < headEnd + 4 + length) return;
    text = '';
    if (!head.startsWith('HTTP/1.1 200 ')) refused(new Error(head));
    else if (/\r\nconnection: close/i.test(head)) ending();
    else answered();
  });
}
