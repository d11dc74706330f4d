import { at, isRecord } from './json.ts';
import type { Message } from './target.ts';

const OUTPUT_DELTA = 'codex/event/exec_command_output_delta';
const CHUNK_LIMIT = 8192;

/**
 * Puts the output chunks of each command together, where its first chunk stood: where a chunk ends, and which of two
 * streams comes first, is chance. A chunk over the limit of 8192 bytes stays visible as `oversized`.
 */
export function mergeOutputDeltas(messages: readonly Message[]): Message[] {
  const merged: Message[] = [];
  const outputs = new Map<unknown, Record<string, unknown>>();
  for (const message of messages) {
    if (message.method === 'codex/event/exec_command_end')
      outputs.delete(at(message.params, 'msg', 'call_id'));
    const { params } = message;
    const delta = at(params, 'msg');
    if (message.method !== OUTPUT_DELTA || !isRecord(params) || !isRecord(delta)) {
      merged.push(message);
      continue;
    }
    const { chunk, stream, ...rest } = delta;
    let output = outputs.get(delta.call_id);
    if (!output) {
      output = { ...rest, stdout: '', stderr: '' };
      outputs.set(delta.call_id, output);
      merged.push({ method: OUTPUT_DELTA, params: { ...params, msg: output } });
    }
    append(output, String(stream), Buffer.from(String(chunk), 'base64'));
  }
  return merged;
}

/** One character per byte, so that bytes which are not UTF-8 stay apart. */
function append(output: Record<string, unknown>, stream: string, bytes: Buffer): void {
  output[stream] = `${output[stream] ?? ''}${bytes.toString('latin1')}`;
  if (bytes.length > CHUNK_LIMIT) output.oversized = true;
}
