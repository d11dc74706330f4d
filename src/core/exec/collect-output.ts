import type { Readable } from 'node:stream';
import { type RetainedOutput, retainOutput } from './retained-output.ts';

export type OutputStream = 'stdout' | 'stderr';
export type OutputListener = (stream: OutputStream, chunk: Uint8Array) => void;

export interface OutputTexts {
  readonly stdout: string;
  readonly stderr: string;
  /** Both, interleaved as they came. */
  readonly aggregated: string;
}

export interface OutputCollector {
  /** Settles when both streams are closed; rejects when reading or the listener fails. */
  read(streams: Readonly<Record<OutputStream, Readable>>): Promise<unknown>;
  texts(): OutputTexts;
}

/** What one chunk of an `exec_command_output_delta` carries at most (protocol-v1, section 6). */
const MAX_CHUNK_BYTES = 8192;

/** Bytes after which everybody else has a turn: what a command prints costs much more to tell than to print. */
const BYTES_AT_ONCE = 128 * 1024;

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
  const drain = (stream: OutputStream, source: Readable): Promise<void> =>
    readToClose(source, (bytes) => take(stream, bytes));
  return {
    read: ({ stdout, stderr }) => Promise.all([drain('stdout', stdout), drain('stderr', stderr)]),
    texts: () => {
      const texts = { stdout: kept.stdout.text(), stderr: kept.stderr.text() };
      return { ...texts, aggregated: both?.text() ?? (first ? texts[first] : '') };
    },
  };
}

function readToClose(source: Readable, take: (bytes: Uint8Array) => void): Promise<void> {
  let left = BYTES_AT_ONCE;
  const goOn = (): void => {
    left = BYTES_AT_ONCE;
    source.resume();
  };
  return new Promise((resolve, reject) => {
    source.on('error', reject);
    source.once('close', resolve);
    source.on('data', (bytes: Uint8Array) => {
      try {
        take(bytes);
        left -= bytes.length;
        if (left > 0) return;
        source.pause();
        setImmediate(goOn);
      } catch (error) {
        source.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}
