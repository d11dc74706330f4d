/** The first bytes of a character in UTF-8 of which the others are to come; at most three. */
export type ByteTail = Uint8Array<ArrayBuffer>;

export const NO_BYTES: ByteTail = new Uint8Array();

/** Characters of one output that are kept while it runs. */
const KEPT = 400_000;

export interface Decoded {
  readonly text: string;
  readonly pending: ByteTail;
}

/** @param chunk base64 of bytes that may begin and end within a character */
export function decodeChunk(pending: ByteTail, chunk: string): Decoded {
  const fresh = Uint8Array.from(atob(chunk), (character) => character.charCodeAt(0));
  const bytes = new Uint8Array(pending.length + fresh.length);
  bytes.set(pending);
  bytes.set(fresh, pending.length);
  const end = bytes.length - unfinishedLength(bytes);
  return { text: new TextDecoder().decode(bytes.subarray(0, end)), pending: bytes.slice(end) };
}

function unfinishedLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return back < sequenceLength(byte) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}

/** The end of what a command printed: the beginning is told again when it has ended. */
export function keepEnd(text: string): string {
  if (text.length <= KEPT) return text;
  return `[… ${text.length - KEPT} characters not shown]\n${text.slice(-KEPT)}`;
}
