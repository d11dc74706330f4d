import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Doors, startDoors } from '../support/doors.ts';
import { openStopped } from '../support/stopped-client.ts';

interface FrameParts {
  readonly fin?: boolean;
  readonly reserved?: number;
  readonly opcode: number;
  readonly payload?: Buffer;
  readonly masked?: boolean;
}

const [CONTINUATION, TEXT, CLOSE, PING] = [0, 1, 8, 9];
const MASK = Buffer.from([1, 2, 3, 4]);

/** One frame as RFC 6455, section 5.2, lays it out, right or wrong. */
function frame({
  fin = true,
  reserved = 0,
  opcode,
  payload = Buffer.alloc(0),
  masked = true,
}: FrameParts): Buffer {
  const head = [(fin ? 0x80 : 0) | (reserved << 4) | opcode];
  const bit = masked ? 0x80 : 0;
  if (payload.length < 126) head.push(bit | payload.length);
  else head.push(bit | 126, payload.length >> 8, payload.length & 0xff);
  const body = masked ? payload.map((byte, index) => byte ^ (MASK[index % 4] ?? 0)) : payload;
  return Buffer.concat([Buffer.from(head), masked ? MASK : Buffer.alloc(0), body]);
}

const text = (value: string | Buffer, parts: Partial<FrameParts> = {}) =>
  frame({ opcode: TEXT, payload: Buffer.from(value), ...parts });
const close = (code: number) => frame({ opcode: CLOSE, payload: Buffer.from([code >> 8, code & 0xff]) });

/** Code of the close frame that the server answers with. */
async function closeCode(socket: Socket, bytes: Buffer): Promise<number> {
  socket.write(bytes);
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk]);
    const at = received.indexOf(0x80 | CLOSE);
    if (at >= 0 && received.length >= at + 4) return received.readUInt16BE(at + 2);
  }
  throw new Error('the connection ended without a close frame');
}

let doors: Doors;
beforeAll(async () => {
  doors = await startDoors();
});
afterAll(() => doors.listening.close());

const REQUEST = '{"id":1,"method":"getUserAgent"}';
const broken = Buffer.from([0xe2, 0x82]);

describe('SEC-WS-1: a WebSocket is closed', () => {
  it.each([
    ['1002 for a frame without a mask', 1002, text(REQUEST, { masked: false })],
    ['1002 for the first reserved bit', 1002, text(REQUEST, { reserved: 4 })],
    ['1002 for the second reserved bit', 1002, text(REQUEST, { reserved: 2 })],
    ['1002 for the third reserved bit', 1002, text(REQUEST, { reserved: 1 })],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
      (opcode) => [`1002 for the reserved opcode ${opcode}`, 1002, frame({ opcode })] as const,
    ),
    ['1002 for a ping in fragments', 1002, frame({ opcode: PING, fin: false })],
    ['1002 for a ping of 126 bytes', 1002, frame({ opcode: PING, payload: Buffer.alloc(126) })],
    ['1002 for a continuation of nothing', 1002, frame({ opcode: CONTINUATION, payload: Buffer.from('x') })],
    ['1002 for a message inside another', 1002, Buffer.concat([text('[', { fin: false }), text(']')])],
    ['1002 for a close frame of one byte', 1002, frame({ opcode: CLOSE, payload: Buffer.from([3]) })],
    ...[0, 999, 1004, 1005, 1006, 1016, 2999].map(
      (code) => [`1002 for the close code ${code}`, 1002, close(code)] as const,
    ),
    ['1007 for text that is no UTF-8', 1007, text(Buffer.from([0xc3, 0x28]))],
    ['1007 for a code point that is cut off', 1007, text(broken)],
    [
      '1007 for a code point that its second fragment breaks',
      1007,
      Buffer.concat([
        text(broken, { fin: false }),
        frame({ opcode: CONTINUATION, payload: Buffer.from('x') }),
      ]),
    ],
    ['1007 for a surrogate', 1007, text(Buffer.from([0xed, 0xa0, 0x80]))],
    [
      '1007 for a close reason that is no UTF-8',
      1007,
      frame({ opcode: CLOSE, payload: Buffer.from([3, 232, 0xff]) }),
    ],
    ['1003 for a binary message', 1003, frame({ opcode: 2, payload: Buffer.from(REQUEST) })],
    ['with the code of the peer when it closes by itself', 1000, close(1000)],
  ] as const)('%s', async (_name, code, bytes) => {
    expect(await closeCode((await openStopped(doors.port)).resume(), bytes)).toBe(code);
  });

  it('by nobody for a request in fragments with a ping between them', async () => {
    const socket = (await openStopped(doors.port)).resume();
    const parts = [
      text(REQUEST.slice(0, 10), { fin: false }),
      frame({ opcode: PING, payload: Buffer.from('hi') }),
      frame({ opcode: CONTINUATION, payload: Buffer.from(REQUEST.slice(10)) }),
    ];
    socket.write(Buffer.concat(parts));
    let received = '';
    while (!received.includes('fake/0')) received += String((await once(socket, 'data'))[0]);
    expect(received).toContain('hi');
    socket.destroy();
  });
});
