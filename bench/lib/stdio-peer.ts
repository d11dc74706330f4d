import { startChild } from './child.ts';
import { createConnection } from './connection.ts';
import type { StartPeer } from './peer.ts';

const NEWLINE = 0x0a;

/** A server that takes and gives one JSON object per line. */
export const stdioPeer =
  (command: readonly string[]): StartPeer =>
  async (home) => {
    const { process: child, pid, gone, stop } = await startChild(command, home);
    const { call, notify, receive, fail } = createConnection((text) => child.stdin?.write(`${text}\n`));
    child.stdin?.on('error', fail);
    child.stdout?.on('data', lineSplitter(receive));
    void gone.then(fail);
    return { pid, call, notify, stop };
  };

/** Lines may be tens of megabytes long, so their parts are put together once. */
function lineSplitter(take: (line: string) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      take(Buffer.concat([...parts, chunk.subarray(start, end)]).toString());
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  };
}
