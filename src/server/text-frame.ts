const FINAL_TEXT = 0x81;
const MAX_UINT16 = 0xffff;

/**
 * The head of an unmasked WebSocket frame with one whole text message (RFC 6455, section 5.2). What the server sends is the
 * same for every client, so that one message, framed once, serves them all.
 */
export function textFrameHead(length: number): Buffer {
  if (length < 126) return Buffer.from([FINAL_TEXT, length]);
  const isShort = length <= MAX_UINT16;
  const head = Buffer.alloc(isShort ? 4 : 10);
  head[0] = FINAL_TEXT;
  head[1] = isShort ? 126 : 127;
  if (isShort) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
