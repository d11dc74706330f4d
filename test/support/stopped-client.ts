import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { bearer } from './http.ts';

/** A WebSocket client that shakes hands and then reads nothing. */
export async function openStopped(port: number, headers: string[] = []): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  const lines = [
    'GET /rpc HTTP/1.1',
    `Host: localhost:${port}`,
    `Authorization: ${bearer.authorization}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
  return socket.pause();
}
