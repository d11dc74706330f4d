import { z } from 'zod';
import type { Reading } from '../exec-session/session.ts';
import { truncateMiddle } from '../exec-session/truncate-middle.ts';
import { parseArguments } from './arguments.ts';
import { typeInto } from './session-approval.ts';
import { LaunchError, launchSession } from './session-launch.ts';
import type { FunctionTool, ToolContext } from './tool.ts';

const DEFAULT_TIMEOUT_MS = 1000;
const MAX_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 128 * 1024;

const Arguments = z.object({
  input: z.array(z.string()),
  session_id: z.string().nullish(),
  timeout_ms: z.int().min(0).nullish(),
});

/**
 * Starts a program on a terminal (`launchSession`), or types into one that runs. A session whose end has been told is
 * forgotten.
 */
export const unifiedExec: FunctionTool = async (text, context) => {
  const { input, session_id, timeout_ms } = parseArguments(Arguments, text);
  const waitMs = timeout_ms ?? DEFAULT_TIMEOUT_MS;
  if (session_id != null) return typeAndRead(session_id, input.join(' '), waitMs, context);
  if (input.length === 0) return failed('missing command line for unified exec request');
  return launch(input, waitMs, context);
};

async function launch(command: readonly string[], waitMs: number, context: ToolContext): Promise<string> {
  const table = context.sessions.unifiedExec;
  try {
    const launched = await launchSession({ command, waitMs: clamp(waitMs), table }, context);
    return typeof launched === 'string'
      ? launched
      : answer(launched.number, launched.reading, waitMs, context);
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return failed(`Failed to create unified exec session: ${error.message}`);
  }
}

async function typeAndRead(id: string, chars: string, waitMs: number, context: ToolContext): Promise<string> {
  if (!/^[+-]?\d+$/.test(id)) {
    const why = id === '' ? 'cannot parse integer from empty string' : 'invalid digit found in string';
    return `invalid session_id: ${id} due to error ${why}`;
  }
  const session = context.sessions.unifiedExec.get(Number(id));
  if (!session) return failed(`Unknown session id ${Number(id)}`);
  const refusal = await typeInto(session, chars, context);
  if (refusal !== undefined) return refusal;
  return answer(Number(id), await session.read(clamp(waitMs), context.signal), waitMs, context);
}

function answer(number: number, reading: Reading, waitMs: number, { sessions }: ToolContext): string {
  if (reading.end) sessions.unifiedExec.delete(number);
  const { text } = truncateMiddle(reading, MAX_OUTPUT_BYTES);
  const output = clampWarning(waitMs) + text;
  return JSON.stringify({ session_id: reading.end ? null : String(number), output });
}

function clamp(waitMs: number): number {
  return Math.min(waitMs, MAX_TIMEOUT_MS);
}

function clampWarning(waitMs: number): string {
  if (waitMs <= MAX_TIMEOUT_MS) return '';
  return `Warning: requested timeout ${waitMs}ms exceeds maximum of ${MAX_TIMEOUT_MS}ms; clamping to ${MAX_TIMEOUT_MS}ms.\n`;
}

function failed(reason: string): string {
  return `unified exec failed: ${reason}`;
}
