import { StringDecoder } from 'node:string_decoder';
import { type RetainedOutput, retainOutput } from '../exec/retained-output.ts';

export interface Output {
  /** Where it was too long to be kept, the middle is cut out and the cut is marked. */
  readonly text: string;
  /** Length in bytes before anything was cut. */
  readonly total: number;
}

/** What has come out of a program since somebody last looked. */
export interface UnreadOutput {
  /** UTF-8; a character may be split between two chunks. */
  append(chunk: Uint8Array): void;
  take(): Output;
}

/** @param limit bytes kept */
export function unreadOutput(limit: number): UnreadOutput {
  const decoder = new StringDecoder('utf8');
  let kept: RetainedOutput = retainOutput(limit);
  let total = 0;
  return {
    append(chunk) {
      const whole = Buffer.from(decoder.write(Buffer.from(chunk)));
      kept.append(whole);
      total += whole.length;
    },
    take() {
      const output = { text: kept.text(), total };
      kept = retainOutput(limit);
      total = 0;
      return output;
    },
  };
}
