import type { WireText } from '../rpc/wire-text.ts';

/** Batches that are looked at again; clients that keep up are all sent the same one. */
const KEPT = 4;
/** Bytes beyond which a message is passed on instead of being copied into a batch. */
const LARGE = 64 * 1024;

export interface Message {
  readonly text: WireText;
  /** Bytes of the text. */
  readonly size: number;
}

/** What goes before each message. */
export interface Framing {
  /** Bytes that it takes before a message of so many. */
  headSize(size: number): number;
  /** @returns where it ends */
  writeHead(target: Buffer, at: number, size: number): number;
}

/** Messages that follow one another as they are. */
export const noFraming: Framing = { headSize: () => 0, writeHead: (_target, at) => at };

/** Puts messages together for one write. */
export type JoinMessages = (messages: readonly Message[]) => readonly Buffer[];

/** Those who are sent the same messages at the same time share the bytes. */
export function sharedBatches(framing: Framing): JoinMessages {
  const recent: { messages: readonly Message[]; joined: readonly Buffer[] }[] = [];
  return (messages) => {
    const [only] = messages;
    if (only && messages.length === 1 && only.size > LARGE) return chunksOf(only, framing);
    const known = recent.find((each) => isSame(each.messages, messages));
    if (known) return known.joined;
    const joined = [copied(messages, framing)];
    recent.unshift({ messages, joined });
    recent.length = Math.min(recent.length, KEPT);
    return joined;
  };
}

function isSame(a: readonly Message[], b: readonly Message[]): boolean {
  return a.length === b.length && a.every((message, index) => message === b[index]);
}

function chunksOf({ text, size }: Message, { headSize, writeHead }: Framing): Buffer[] {
  const head = Buffer.allocUnsafe(headSize(size));
  writeHead(head, 0, size);
  return [head, ...(typeof text === 'string' ? [Buffer.from(text)] : text)];
}

function copied(messages: readonly Message[], { headSize, writeHead }: Framing): Buffer {
  let length = 0;
  for (const { size } of messages) length += headSize(size) + size;
  const target = Buffer.allocUnsafe(length);
  let at = 0;
  for (const { text, size } of messages) {
    at = writeHead(target, at, size);
    if (typeof text === 'string') target.write(text, at);
    else copyPieces(target, at, text);
    at += size;
  }
  return target;
}

function copyPieces(target: Buffer, start: number, pieces: readonly Buffer[]): void {
  let at = start;
  for (const piece of pieces) {
    target.set(piece, at);
    at += piece.length;
  }
}
