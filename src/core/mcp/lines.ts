const NEWLINE = 0x0a;

/**
 * Puts the lines of a stream together: each call takes the next chunk and returns the lines it completes, without
 * their ends.
 * @param maxBytes a longer line makes the call throw; the rest of the stream cannot be read then
 */
export function lineSplitter(maxBytes: number): (chunk: Buffer) => string[] {
  let parts: Buffer[] = [];
  let size = 0;
  const hold = (part: Buffer): void => {
    size += part.length;
    if (size > maxBytes) throw new Error(`a line is longer than ${maxBytes} bytes`);
    parts.push(part);
  };
  const finish = (): string => {
    const line = Buffer.concat(parts).toString('utf8');
    parts = [];
    size = 0;
    return line;
  };
  return (chunk) => {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      hold(chunk.subarray(start, end));
      lines.push(finish());
      start = end + 1;
    }
    if (start < chunk.length) hold(chunk.subarray(start));
    return lines;
  };
}
