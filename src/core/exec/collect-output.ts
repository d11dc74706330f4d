import type { OutputReader } from './output-reader.ts';
import { type RetainedOutput, retainOutput } from './retained-output.ts';

export type OutputStream = 'stdout' | 'stderr';
/** Sees the output of a command. The bytes are only good until it returns. */
export type OutputListener = (stream: OutputStream, chunk: Uint8Array) => void;

export interface OutputTexts {
  readonly stdout: string;
  readonly stderr: string;
  /** Both, interleaved as they came. */
  readonly aggregated: string;
}

export interface OutputCollector {
  /** Settles when both streams are closed; rejects when reading or the listener fails. */
  read(streams: Readonly<Record<OutputStream, OutputReader>>): Promise<unknown>;
  texts(): OutputTexts;
}

/** What one chunk of an `exec_command_output_delta` carries at most (protocol-v1, section 6). */
const MAX_CHUNK_BYTES = 8192;

/** @param limit bytes kept of each stream, and of both together */
export function collectOutput(limit: number, listener?: OutputListener): OutputCollector {
  const kept = { stdout: retainOutput(limit), stderr: retainOutput(limit) };
  let first: OutputStream | undefined;
  let both: RetainedOutput | undefined;
  const take = (stream: OutputStream, bytes: Uint8Array): void => {
    first ??= stream;
    // Most commands use one stream only; then its bytes are not held twice.
    if (stream !== first) both ??= kept[first].copy();
    kept[stream].append(bytes);
    both?.append(bytes);
    for (let at = 0; listener && at < bytes.length; at += MAX_CHUNK_BYTES) {
      listener(stream, bytes.subarray(at, at + MAX_CHUNK_BYTES));
    }
  };
  return {
    read: ({ stdout, stderr }) =>
      Promise.all([
        stdout.read((bytes) => take('stdout', bytes)),
        stderr.read((bytes) => take('stderr', bytes)),
      ]),
    texts: () => {
      const texts = { stdout: kept.stdout.text(), stderr: kept.stderr.text() };
      return { ...texts, aggregated: both?.text() ?? (first ? texts[first] : '') };
    },
  };
}
