import type { Readable, Writable } from 'node:stream';
import { batchedWrite } from './batched-write.ts';
import { createListeners } from './listeners.ts';
import type { Wire } from './wire.ts';

const NEWLINE = 0x0a;

/** A server that takes and gives one JSON object per line. */
export function lineWire(input: Writable, output: Readable, ended: Promise<Error>): Wire {
  const { listen, tell } = createListeners();
  input.on('error', () => {});
  output.on('data', lineSplitter(tell));
  return {
    encode: (text) => Buffer.from(`${text}\n`),
    write: batchedWrite(input),
    listen,
    ended,
    close: () => input.destroy(),
  };
}

/** Lines may be tens of megabytes long, so their parts are put together once. */
function lineSplitter(take: (line: Buffer) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const rest = chunk.subarray(start, end);
      take(parts.length === 0 ? rest : Buffer.concat([...parts, rest]));
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  };
}
