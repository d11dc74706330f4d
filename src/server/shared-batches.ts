import type { WireForm } from '../rpc/wire-text.ts';

/** Batches that are looked at again; clients that keep up are all sent the same one. */
const KEPT = 4;
/** Bytes beyond which a message is passed on instead of being copied into a batch. */
const LARGE = 64 * 1024;

/** What goes before a message of so many bytes, each byte as one character. */
export type Framing = (size: number) => string;

/** Messages that follow one another as they are. */
export const noFraming: Framing = () => '';

/** Puts messages together for one write. */
export type JoinMessages = (messages: readonly WireForm[]) => readonly Buffer[];

/** Those who are sent the same messages at the same time share the bytes. */
export function sharedBatches(head: Framing): JoinMessages {
  const recent: { messages: readonly WireForm[]; joined: readonly Buffer[] }[] = [];
  return (messages) => {
    if (messages.some(({ size }) => size > LARGE)) return toChunks(messages, head);
    const known = recent.find((each) => isSame(each.messages, messages));
    if (known) return known.joined;
    const chunks = toChunks(messages, head);
    const joined = chunks.length === 1 ? chunks : [Buffer.concat(chunks)];
    recent.unshift({ messages, joined });
    recent.length = Math.min(recent.length, KEPT);
    return joined;
  };
}

function isSame(a: readonly WireForm[], b: readonly WireForm[]): boolean {
  return a.length === b.length && a.every((message, index) => message === b[index]);
}

/** Short messages are put together as one string of bytes, which is made a buffer in one step. */
function toChunks(messages: readonly WireForm[], head: Framing): Buffer[] {
  const chunks: Buffer[] = [];
  let bytes = '';
  for (const { text, size } of messages) {
    bytes += head(size);
    if (typeof text === 'string' && size <= LARGE) {
      bytes += text.length === size ? text : Buffer.from(text).toString('latin1');
      continue;
    }
    chunks.push(Buffer.from(bytes, 'latin1'), ...(typeof text === 'string' ? [Buffer.from(text)] : text));
    bytes = '';
  }
  if (bytes.length > 0) chunks.push(Buffer.from(bytes, 'latin1'));
  return chunks;
}
