import path from 'node:path';
import { z } from 'zod';
import type { Duration } from '../../protocol/vocabulary/events.ts';
import { commandEnvironment } from '../exec/environment.ts';
import { formatForModel, formatOutput, TIMEOUT_EXIT_CODE } from '../exec/format.ts';
import { parseCommand } from '../exec/parse-command.ts';
import { type CommandResult, runCommand, SpawnError } from '../exec/run.ts';
import { parseArguments } from './arguments.ts';
import { refusal } from './permission.ts';
import type { FunctionTool, ToolContext } from './tool.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
const SIGNALLED = 'command was killed by a signal';

const Arguments = z.object({
  command: z.array(z.string()),
  workdir: z.string().nullish(),
  timeout_ms: z.number().nullish(),
  timeout: z.number().nullish(),
  with_escalated_permissions: z.boolean().nullish(),
  justification: z.string().nullish(),
});

export interface ShellCommand {
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly timeoutMs: number;
}

export const shell: FunctionTool = async (text, context) => {
  const args = parseArguments(Arguments, text);
  return runShell(
    {
      command: args.command,
      cwd: path.resolve(context.cwd, args.workdir ?? ''),
      timeoutMs: args.timeout_ms ?? args.timeout ?? DEFAULT_TIMEOUT_MS,
    },
    context,
  );
};

/** Runs a command where the policies let it, and reports it by events. Returns what the model sees. */
export async function runShell(shellCommand: ShellCommand, context: ToolContext): Promise<string> {
  const refused = refusal(context);
  if (refused) return refused;
  const command = [...shellCommand.command];
  context.emit({
    type: 'exec_command_begin',
    call_id: context.callId,
    command,
    cwd: shellCommand.cwd,
    parsed_cmd: parseCommand(command),
  });
  try {
    const result = await execute(shellCommand, context);
    context.signal.throwIfAborted();
    return result.signal && !result.timedOut ? reportSignal(context) : reportResult(result, context);
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    reportFailure(error.message, context);
    return `execution error: ${error.message}`;
  }
}

function execute(shellCommand: ShellCommand, context: ToolContext): Promise<CommandResult> {
  return runCommand({
    command: shellCommand.command,
    cwd: shellCommand.cwd,
    timeoutMs: shellCommand.timeoutMs,
    env: commandEnvironment(context.shellEnvironmentPolicy, context.host.env),
    umask: context.host.umask,
    signal: context.signal,
    onOutput: (stream, chunk) =>
      context.emit({
        type: 'exec_command_output_delta',
        call_id: context.callId,
        stream,
        chunk: Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('base64'),
      }),
  });
}

function reportResult(result: CommandResult, context: ToolContext): string {
  const output = formatOutput(result);
  const exitCode = result.timedOut ? TIMEOUT_EXIT_CODE : (result.exitCode ?? -1);
  context.emit({
    type: 'exec_command_end',
    call_id: context.callId,
    stdout: result.stdout,
    stderr: result.stderr,
    aggregated_output: result.aggregated,
    exit_code: exitCode,
    duration: toDuration(result.durationNs),
    formatted_output: output,
  });
  return formatForModel({ exitCode, durationSeconds: Number(result.durationNs) / 1e9, output });
}

function reportSignal(context: ToolContext): string {
  reportFailure(`sandbox error: ${SIGNALLED}`, context);
  return `failed in sandbox None with execution error: ${SIGNALLED}`;
}

/** A command that never ran to an exit code is shown with -1 and the reason as its standard error. */
function reportFailure(reason: string, context: ToolContext): void {
  context.emit({
    type: 'exec_command_end',
    call_id: context.callId,
    stdout: '',
    stderr: reason,
    aggregated_output: reason,
    exit_code: -1,
    duration: { secs: 0, nanos: 0 },
    formatted_output: reason,
  });
}

function toDuration(nanoseconds: bigint): Duration {
  return { secs: Number(nanoseconds / 1_000_000_000n), nanos: Number(nanoseconds % 1_000_000_000n) };
}
