import type { Framing } from './shared-batches.ts';

const FINAL_TEXT = 0x81;
const IN_16_BITS = 126;
const IN_64_BITS = 127;
const MAX_UINT16 = 0xffff;

/**
 * The head of an unmasked WebSocket frame with one whole text message (RFC 6455, section 5.2). What the server sends is the
 * same for every client, so that one message, framed once, serves them all.
 */
export const textFraming: Framing = {
  headSize(size) {
    if (size < IN_16_BITS) return 2;
    return size <= MAX_UINT16 ? 4 : 10;
  },
  writeHead(target, at, size) {
    target[at] = FINAL_TEXT;
    if (size < IN_16_BITS) {
      target[at + 1] = size;
      return at + 2;
    }
    const isShort = size <= MAX_UINT16;
    target[at + 1] = isShort ? IN_16_BITS : IN_64_BITS;
    return isShort ? target.writeUInt16BE(size, at + 2) : target.writeBigUInt64BE(BigInt(size), at + 2);
  },
};
