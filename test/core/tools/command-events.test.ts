import { expect, test } from 'vitest';
import { reportOutput } from '../../../src/core/tools/command-events.ts';
import type { ToolContext } from '../../../src/core/tools/tool.ts';

function told(pieces: number, bytes: number): string[] {
  const chunks: string[] = [];
  const context = {
    callId: 'call_1',
    emit: (msg: { chunk: string }) => chunks.push(msg.chunk),
  } as unknown as ToolContext;
  const report = reportOutput(context);
  const piece = new Uint8Array(bytes).fill(97);
  for (let count = 0; count < pieces; count++) report('stdout', piece);
  return chunks;
}

test('a command is told in at most ten thousand pieces, as by 0.36.0', () => {
  expect(told(9_999, 1)).toHaveLength(9_999);
  const chunks = told(10_001, 1);
  expect(chunks).toHaveLength(10_000);
  expect(new Set(chunks)).toEqual(new Set(['YQ==']));
});

test('SEC-SLOW-4: and in no more than four MiB, where 0.36.0 goes on', () => {
  expect(told(600, 8_192)).toHaveLength(512);
});
