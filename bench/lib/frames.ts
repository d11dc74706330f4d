import { randomBytes } from 'node:crypto';

/** WebSocket frames as a client writes and reads them (RFC 6455, section 5.2). */

export const OPCODES = { continuation: 0, text: 1, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

const FINAL = 0x80;
const MASKED = 0x80;
const IN_16_BITS = 126;
const IN_64_BITS = 127;
const MAX_UINT16 = 0xffff;

/** One whole message in one masked frame. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (const [index, byte] of payload.entries()) masked[index] = byte ^ (mask[index % 4] ?? 0);
  return Buffer.concat([Buffer.from([FINAL | opcode]), maskedLength(payload.length), mask, masked]);
}

function maskedLength(length: number): Buffer {
  if (length < IN_16_BITS) return Buffer.from([MASKED | length]);
  if (length > MAX_UINT16) throw new RangeError('the bench sends short messages only');
  return Buffer.from([MASKED | IN_16_BITS, length >> 8, length & 0xff]);
}

/** Finds the frames of a server in what comes from its socket, whatever parts it comes in. */
export function frameSplitter(take: (frame: Frame) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let held = 0;
  let needed = 0;
  return (chunk) => {
    parts.push(chunk);
    held += chunk.length;
    if (held < needed) return;
    const { rest, next } = takeFrames(parts.length === 1 ? chunk : Buffer.concat(parts), take);
    parts = rest.length > 0 ? [rest] : [];
    held = rest.length;
    needed = next;
  };
}

/** What is left after the last whole frame, and how long it has to be before there is another one. */
function takeFrames(bytes: Buffer, take: (frame: Frame) => void): { rest: Buffer; next: number } {
  let at = 0;
  for (;;) {
    const size = headSize(bytes, at);
    if (bytes.length < at + size) return { rest: bytes.subarray(at), next: size };
    const end = at + size + payloadLength(bytes, at, size);
    if (bytes.length < end) return { rest: bytes.subarray(at), next: end - at };
    const first = bytes.readUInt8(at);
    take({
      opcode: first & 0x0f,
      isFinal: (first & FINAL) !== 0,
      payload: bytes.subarray(at + size, end),
    });
    at = end;
  }
}

function headSize(bytes: Buffer, at: number): number {
  const length = bytes[at + 1];
  if (length === IN_16_BITS) return 4;
  return length === IN_64_BITS ? 10 : 2;
}

function payloadLength(bytes: Buffer, at: number, size: number): number {
  if (size === 4) return bytes.readUInt16BE(at + 2);
  return size === 10 ? Number(bytes.readBigUInt64BE(at + 2)) : bytes.readUInt8(at + 1);
}
