import { nextCharacterStart, wholeCharactersEnd } from './utf8.ts';

const FIRST_CAPACITY = 4096;

/** The bytes of one output: all of them, or its first and last halves when it grew past the limit. */
export interface RetainedOutput {
  append(chunk: Uint8Array): void;
  /** An independent output with the same bytes so far. */
  copy(): RetainedOutput;
  /** Invalid UTF-8 becomes U+FFFD; what was cut is stated where it was, in bytes. */
  text(): string;
}

interface State {
  /** Grows up to the limit; past it the second half is written round and round. */
  store: Buffer;
  total: number;
}

/** Keeps at most `limit` bytes, one or more, however much is appended. */
export function retainOutput(limit: number): RetainedOutput {
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError(`limit must be a positive integer: ${limit}`);
  return retain(limit, { store: Buffer.allocUnsafe(Math.min(limit, FIRST_CAPACITY)), total: 0 });
}

function retain(limit: number, state: State): RetainedOutput {
  return {
    append: (chunk) => append(limit, state, chunk),
    copy: () => retain(limit, { store: Buffer.from(state.store), total: state.total }),
    text: () => textOf(limit, state),
  };
}

function append(limit: number, state: State, chunk: Uint8Array): void {
  const straight = chunk.subarray(0, Math.max(0, limit - state.total));
  if (straight.length > 0) {
    reserve(limit, state, state.total + straight.length);
    state.store.set(straight, state.total);
    state.total += straight.length;
  }
  appendAround(limit, state, chunk.subarray(straight.length));
}

function reserve(limit: number, state: State, size: number): void {
  if (size <= state.store.length) return;
  const grown = Buffer.allocUnsafe(Math.min(limit, Math.max(size, state.store.length * 2)));
  state.store.copy(grown);
  state.store = grown;
}

function appendAround(limit: number, state: State, chunk: Uint8Array): void {
  for (let rest = chunk; rest.length > 0; ) {
    const at = tailPosition(limit, state.total);
    const part = rest.subarray(0, limit - at);
    state.store.set(part, at);
    state.total += part.length;
    rest = rest.subarray(part.length);
  }
}

function headSize(limit: number): number {
  return Math.floor(limit / 2);
}

/** Where the byte number `total` goes: the second half of the store is a ring. */
function tailPosition(limit: number, total: number): number {
  const half = headSize(limit);
  return half + ((total - half) % (limit - half));
}

function textOf(limit: number, { store, total }: State): string {
  if (total <= limit) return store.toString('utf8', 0, total);
  const split = tailPosition(limit, total);
  const head = store.subarray(0, headSize(limit));
  const tail = Buffer.concat([store.subarray(split, limit), store.subarray(headSize(limit), split)]);
  const wholeHead = head.subarray(0, wholeCharactersEnd(head, head.length));
  const wholeTail = tail.subarray(nextCharacterStart(tail, 0));
  const cut = total - wholeHead.length - wholeTail.length;
  return `${wholeHead}\n[... ${cut} of ${total} bytes were not kept ...]\n${wholeTail}`;
}
