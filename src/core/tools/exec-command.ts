import { z } from 'zod';
import { parseArguments } from './arguments.ts';
import { LaunchError, launchSession } from './session-launch.ts';
import { formatReading } from './session-output.ts';
import type { FunctionTool } from './tool.ts';

const Arguments = z.object({
  cmd: z.string(),
  yield_time_ms: z.int().min(0).default(10_000),
  max_output_tokens: z.int().min(0).default(10_000),
  shell: z.string().default('/bin/bash'),
  login: z.boolean().default(true),
});

/**
 * Runs a shell command on a terminal, in the folder of the turn and under its policies (`launchSession`). Unlike in the
 * 0.36.0 release, which starts it in the home folder with the whole environment of its own.
 */
export const execCommand: FunctionTool = async (text, context) => {
  const { cmd, yield_time_ms, max_output_tokens, shell, login } = parseArguments(Arguments, text);
  const command = [shell, login ? '-lc' : '-c', cmd];
  const table = context.sessions.execCommand;
  try {
    const launched = await launchSession({ command, waitMs: yield_time_ms, table }, context);
    if (typeof launched === 'string') return launched;
    return formatReading({ ...launched, maxOutputTokens: max_output_tokens });
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return `failed to create exec command session for session id ${error.number}: ${error.message}`;
  }
};
