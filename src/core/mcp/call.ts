import { parse } from 'secure-json-parse';
import type { EventOf } from '../../protocol/vocabulary/events.ts';
import type { Log } from '../log.ts';
import { toDuration } from '../tools/command-events.ts';
import type { ToolContext } from '../tools/tool.ts';
import { untilAborted } from '../until-aborted.ts';
import { reasonOf, ServerDownError } from './failure.ts';
import { outputText, type ToolResult } from './tool-result.ts';
import type { Callee } from './tool-table.ts';

export type McpCallContext = Pick<ToolContext, 'callId' | 'emit' | 'signal'>;

type Outcome = { Ok: ToolResult } | { Err: string };

/**
 * Runs one call of the model and reports it by events (protocol-v1, sections 6 and 13). Returns what the model sees;
 * throws nothing but the reason of the signal.
 */
export async function runMcpCall(
  callee: Callee,
  argumentsText: string,
  context: McpCallContext,
  log: Log,
): Promise<string> {
  const read = readArguments(argumentsText);
  if ('fault' in read) return `err: invalid arguments: ${read.fault}`;
  const { serverName: server, tool } = callee;
  const invocation: EventOf<'mcp_tool_call_begin'>['invocation'] = {
    server,
    tool,
    arguments: read.value ?? null,
  };
  context.emit({ type: 'mcp_tool_call_begin', call_id: context.callId, invocation });
  const startedAt = process.hrtime.bigint();
  const outcome = await callTool(callee, read.value, context.signal, log);
  context.emit({
    type: 'mcp_tool_call_end',
    call_id: context.callId,
    invocation,
    duration: toDuration(process.hrtime.bigint() - startedAt),
    result: outcome,
  });
  return 'Ok' in outcome ? outputText(outcome.Ok) : outcome.Err;
}

/** A blank text stands for no arguments at all. */
function readArguments(text: string): { value: unknown } | { fault: string } {
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: parse(text) };
  } catch (error) {
    return { fault: reasonOf(error) };
  }
}

/** What is wrong with the server is told the model; what is wrong with the call is not, as in the reference. */
async function callTool(
  { serverName, tool, server }: Callee,
  args: unknown,
  signal: AbortSignal,
  log: Log,
): Promise<Outcome> {
  const failure = `tool call error: tool call failed for \`${serverName}/${tool}\``;
  try {
    const running = await untilAborted(signal, () => server.running());
    return { Ok: await running.callTool(tool, args, signal) };
  } catch (error) {
    signal.throwIfAborted();
    const reason = reasonOf(error);
    log.warn({ server: serverName, tool, reason }, 'a call of an MCP tool failed');
    return { Err: error instanceof ServerDownError ? `${failure}: ${reason}` : failure };
  }
}
