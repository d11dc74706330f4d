import type { Readable } from 'node:stream';

/** The daemon takes no longer message. */
const MAX_BYTES = 32 * 1024 * 1024;
const LINE_FEED = 0x0a;

export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
}

/**
 * Texts of the lines of a stream, empty ones left out; a last line need not end. Only line feeds end a line, because
 * JSON may hold every other separator that there is.
 *
 * @throws {LineTooLongError} for a line of more than 32 MiB
 */
export async function* messageLines(stream: Readable): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let size = 0;

  const take = (): string => {
    const line = Buffer.concat(parts).toString('utf8').trim();
    parts = [];
    size = 0;
    return line;
  };

  const keep = (part: Buffer): void => {
    parts.push(part);
    size += part.length;
    if (size > MAX_BYTES) throw new LineTooLongError(`a message is longer than ${MAX_BYTES} bytes`);
  };

  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      keep(chunk.subarray(start, end));
      start = end + 1;
      const line = take();
      if (line !== '') yield line;
    }
    keep(chunk.subarray(start));
  }
  const rest = take();
  if (rest !== '') yield rest;
}
