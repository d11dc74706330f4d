import type { Writable } from 'node:stream';

/** Writes to a stream what is given during one turn of the event loop all at once. */
export function batchedWrite(stream: Writable): (bytes: Buffer) => void {
  let corked = false;
  const uncork = (): void => {
    corked = false;
    stream.uncork();
  };
  return (bytes) => {
    if (!corked) {
      corked = true;
      stream.cork();
      process.nextTick(uncork);
    }
    stream.write(bytes);
  };
}
