import { z } from 'zod';
import { parseArguments } from './arguments.ts';
import { typeInto } from './session-approval.ts';
import { formatReading } from './session-output.ts';
import type { FunctionTool } from './tool.ts';

const Arguments = z.object({
  session_id: z.int().min(0),
  chars: z.string(),
  yield_time_ms: z.int().min(0).default(250),
  max_output_tokens: z.int().min(0).default(10_000),
});

/**
 * Types into a session of `exec_command`. The answer tells the end of the program; that of the 0.36.0 release says for
 * ever that it runs.
 */
export const writeStdin: FunctionTool = async (text, context) => {
  const { session_id, chars, yield_time_ms, max_output_tokens } = parseArguments(Arguments, text);
  const session = context.sessions.execCommand.get(session_id);
  if (!session) return `unknown session id ${session_id}`;
  const refusal = await typeInto(session, chars, context);
  if (refusal !== undefined) return refusal;
  const startedAt = performance.now();
  const reading = await session.read(yield_time_ms, context.signal);
  const seconds = (performance.now() - startedAt) / 1000;
  return formatReading({ number: session_id, reading, seconds, maxOutputTokens: max_output_tokens });
};
