import type { Reading } from '../exec-session/session.ts';
import { truncateMiddle } from '../exec-session/truncate-middle.ts';

const BYTES_PER_TOKEN = 4;

export interface SessionAnswer {
  readonly number: number;
  readonly reading: Reading;
  readonly seconds: number;
  readonly maxOutputTokens: number;
}

/** What `exec_command` and `write_stdin` answer, in the words of the 0.36.0 release (observed). */
export function formatReading({ number, reading, seconds, maxOutputTokens }: SessionAnswer): string {
  const { text, originalTokens } = truncateMiddle(reading, maxOutputTokens * BYTES_PER_TOKEN);
  return [
    `Wall time: ${seconds.toFixed(3)} seconds`,
    statusLine(number, reading),
    ...(originalTokens === undefined
      ? []
      : [`Warning: truncated output (original token count: ${originalTokens})`]),
    'Output:',
    text,
  ].join('\n');
}

function statusLine(number: number, { end }: Reading): string {
  return end ? `Process exited with code ${end.exitCode}` : `Process running with session ID ${number}`;
}
