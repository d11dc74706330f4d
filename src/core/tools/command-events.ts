import type { Duration } from '../../protocol/vocabulary/event-parts.ts';
import type { OutputListener } from '../exec/collect-output.ts';
import { formatForModel, formatOutput, TIMEOUT_EXIT_CODE } from '../exec/format.ts';
import { parseCommand } from '../exec/parse-command.ts';
import type { CommandResult } from '../exec/run.ts';
import type { ToolContext } from './tool.ts';

/** What one command is told in while it runs. The number is that of 0.36.0, whose events may then carry 80 MB. */
const MAX_OUTPUT_DELTAS = 10_000;
/** Neither the memory nor the clients are to be flooded with what nobody can follow (SEC-SLOW-4). */
const MAX_TOLD_BYTES = 4 * 1024 * 1024;

export function reportBegin(command: readonly string[], cwd: string, context: ToolContext): void {
  context.emit({
    type: 'exec_command_begin',
    call_id: context.callId,
    command: [...command],
    cwd,
    parsed_cmd: parseCommand([...command]),
  });
}

/** Tells what a command prints while it runs, up to a bound; its end tells it again. */
export function reportOutput(context: ToolContext): OutputListener {
  let [deltas, bytes] = [0, 0];
  return (stream, { buffer, byteOffset, byteLength }) => {
    if (deltas >= MAX_OUTPUT_DELTAS || bytes >= MAX_TOLD_BYTES) return;
    deltas += 1;
    bytes += byteLength;
    context.emit({
      type: 'exec_command_output_delta',
      call_id: context.callId,
      stream,
      chunk: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
    });
  };
}

/** Reports a command that came to an exit code or ran out of time; returns what the model sees. */
export function reportResult(result: CommandResult, context: ToolContext): string {
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

/** A command that came to no exit code of its own is shown with -1 and the reason as its standard error. */
export function reportFailure(reason: string, context: ToolContext): void {
  context.emit({
    type: 'exec_command_end',
    call_id: context.callId,
    stdout: '',
    stderr: reason,
    aggregated_output: reason,
    exit_code: -1,
    duration: { secs: 0, nanos: 0 },
    formatted_output: formatOutput({ aggregated: reason, timedOut: false, durationNs: 0n }),
  });
}

export function toDuration(nanoseconds: bigint): Duration {
  return { secs: Number(nanoseconds / 1_000_000_000n), nanos: Number(nanoseconds % 1_000_000_000n) };
}
