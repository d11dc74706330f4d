import { parse } from 'secure-json-parse';
import { z } from 'zod';
import { PlanItem } from '../../protocol/vocabulary/event-parts.ts';
import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import { PatchError } from '../patch/errors.ts';
import { readPatchInvocation } from '../patch/invocation.ts';
import { previewPatch } from './patch-preview.ts';

const ShellArguments = z.object({ command: z.array(z.string()), workdir: z.string().nullish() });
const ExecArguments = z.object({ cmd: z.string() });
const PatchArguments = z.object({ input: z.string() });
const PlanArguments = z.object({ explanation: z.string().nullish(), plan: z.array(PlanItem) });
/** What the shell tools answer (protocol-v1, section 11). */
const ShellOutput = z.object({
  output: z.string(),
  metadata: z.object({ exit_code: z.int(), duration_seconds: z.number() }),
});

/** What a call was for, and so how its end is told. */
type Kind = 'command' | 'patch' | 'tool';

interface Call {
  readonly kind: Kind;
  readonly begin: EventMsg;
}

/**
 * The events of calls, told from the items of a history. Each call has its beginning when its item comes and its end
 * with the output, as they were told when they happened; what was never stored is left empty.
 *
 * @param cwd where commands ran that do not say
 */
export function createCallReader(cwd: string): (item: ResponseItem) => EventMsg[] {
  const open = new Map<string, Call>();

  function begin(callId: string, call: Call | undefined): EventMsg[] {
    if (!call) return [];
    if (call.begin.type !== 'plan_update') open.set(callId, call);
    return [call.begin];
  }

  function end(callId: string, output: string): EventMsg[] {
    const call = open.get(callId);
    open.delete(callId);
    return call ? [endOf(call, callId, output)] : [];
  }

  return (item) => {
    switch (item.type) {
      case 'function_call':
        return begin(item.call_id, readFunction(item.name, item.arguments, item.call_id, cwd));
      case 'custom_tool_call':
        return begin(
          item.call_id,
          item.name === 'apply_patch' ? patchCall(item.call_id, item.input) : undefined,
        );
      case 'local_shell_call':
        if (item.call_id == null) return [];
        return begin(
          item.call_id,
          shellCall(item.call_id, item.action.command, item.action.working_directory ?? cwd),
        );
      case 'function_call_output':
      case 'custom_tool_call_output':
        return end(item.call_id, item.output);
      default:
        return [];
    }
  };
}

function readFunction(name: string, text: string, callId: string, cwd: string): Call | undefined {
  const args = readJson(text);
  switch (name) {
    case 'shell':
    case 'container.exec': {
      const { data } = ShellArguments.safeParse(args);
      return data && shellCall(callId, data.command, data.workdir ?? cwd);
    }
    case 'exec_command': {
      const { data } = ExecArguments.safeParse(args);
      return data && commandCall(callId, ['bash', '-lc', data.cmd], cwd);
    }
    case 'apply_patch': {
      const { data } = PatchArguments.safeParse(args);
      return data && patchCall(callId, data.input);
    }
    case 'update_plan': {
      const { data } = PlanArguments.safeParse(args);
      if (!data) return undefined;
      const { explanation = null, plan } = data;
      return { kind: 'tool', begin: { type: 'plan_update', explanation, plan } };
    }
    default:
      return toolCall(name, args, callId);
  }
}

const commandCall = (call_id: string, command: string[], cwd: string): Call => ({
  kind: 'command',
  begin: { type: 'exec_command_begin', call_id, command, cwd, parsed_cmd: [] },
});

function shellCall(callId: string, command: string[], cwd: string): Call {
  const patch = readPatch(command);
  return (patch !== undefined && patchCall(callId, patch)) || commandCall(callId, command, cwd);
}

function readPatch(command: readonly string[]): string | undefined {
  try {
    return readPatchInvocation(command)?.patch;
  } catch (error) {
    if (error instanceof PatchError) return undefined;
    throw error;
  }
}

function patchCall(call_id: string, patch: string): Call | undefined {
  const changes = previewPatch(patch);
  return (
    changes && { kind: 'patch', begin: { type: 'patch_apply_begin', call_id, auto_approved: false, changes } }
  );
}

/** Tools of MCP servers have names of two parts (protocol-v1, section 13). */
function toolCall(name: string, args: unknown, call_id: string): Call | undefined {
  const [, server, tool] = /^(.+?)__(.+)$/s.exec(name) ?? [];
  if (server === undefined || tool === undefined) return undefined;
  const invocation = { server, tool, arguments: args ?? null };
  return { kind: 'tool', begin: { type: 'mcp_tool_call_begin', call_id, invocation } };
}

function endOf({ kind, begin }: Call, call_id: string, output: string): EventMsg {
  const { data } = ShellOutput.safeParse(readJson(output));
  const text = data?.output ?? output;
  if (kind === 'patch') {
    const success = data?.metadata.exit_code === 0;
    return {
      type: 'patch_apply_end',
      call_id,
      stdout: success ? text : '',
      stderr: success ? '' : text,
      success,
    };
  }
  if (begin.type === 'mcp_tool_call_begin') {
    const { invocation } = begin;
    return {
      type: 'mcp_tool_call_end',
      call_id,
      invocation,
      duration: toDuration(0),
      result: { Ok: output },
    };
  }
  return {
    type: 'exec_command_end',
    call_id,
    stdout: '',
    stderr: '',
    aggregated_output: text,
    exit_code: data?.metadata.exit_code ?? -1,
    duration: toDuration(data?.metadata.duration_seconds ?? 0),
    formatted_output: text,
  };
}

function toDuration(seconds: number): { secs: number; nanos: number } {
  const secs = Math.floor(seconds);
  return { secs, nanos: Math.round((seconds - secs) * 1e9) };
}

function readJson(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
