const FINAL_TEXT = 0x81;
const IN_16_BITS = 126;
const IN_64_BITS = 127;
const MAX_UINT16 = 0xffff;

/**
 * The head of an unmasked WebSocket frame with one whole text message of so many bytes (RFC 6455, section 5.2), each byte as
 * one character. What the server sends is the same for every client, so that one message, framed once, serves them all.
 */
export function textFrameHead(size: number): string {
  if (size < IN_16_BITS) return String.fromCharCode(FINAL_TEXT, size);
  if (size <= MAX_UINT16) return String.fromCharCode(FINAL_TEXT, IN_16_BITS, size >> 8, size & 0xff);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(size));
  return `${String.fromCharCode(FINAL_TEXT, IN_64_BITS)}${length.toString('latin1')}`;
}
