import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import { applyPatchFunction, runPatch } from './apply-patch.ts';
import { ArgumentsError } from './arguments.ts';
import { execCommand } from './exec-command.ts';
import { runShell, shell } from './shell.ts';
import type { CallItem, FunctionTool, ToolContext } from './tool.ts';
import { unifiedExec } from './unified-exec.ts';
import { updatePlan } from './update-plan.ts';
import { viewImage } from './view-image.ts';
import { writeStdin } from './write-stdin.ts';

/** Works whether or not the tool was offered, as models call tools they know from elsewhere. */
const FUNCTIONS: Readonly<Record<string, FunctionTool>> = {
  shell,
  'container.exec': shell,
  exec_command: execCommand,
  write_stdin: writeStdin,
  unified_exec: unifiedExec,
  apply_patch: applyPatchFunction,
  update_plan: updatePlan,
  view_image: viewImage,
};

/** Runs what the item asks for and returns the output item that answers it. */
export async function runCall(item: CallItem, context: ToolContext): Promise<ResponseItem> {
  const output = await runOrExplain(item, context);
  const type = item.type === 'custom_tool_call' ? 'custom_tool_call_output' : 'function_call_output';
  return { type, call_id: context.callId, output };
}

async function runOrExplain(item: CallItem, context: ToolContext): Promise<string> {
  try {
    return await run(item, context);
  } catch (error) {
    if (error instanceof ArgumentsError) return error.message;
    throw error;
  }
}

function run(item: CallItem, context: ToolContext): Promise<string> | string {
  switch (item.type) {
    case 'function_call': {
      const tool = Object.hasOwn(FUNCTIONS, item.name) ? FUNCTIONS[item.name] : undefined;
      if (tool) return tool(item.arguments, context);
      if (context.mcp.has(item.name)) return context.mcp.call(item.name, item.arguments, context);
      return `unsupported call: ${item.name}`;
    }
    case 'custom_tool_call':
      if (item.name === 'apply_patch') return runPatch(item.input, context.cwd, context);
      return `unsupported custom tool call: ${item.name}`;
    case 'local_shell_call':
      return runShell(
        {
          command: item.action.command,
          cwd: item.action.working_directory ?? context.cwd,
          timeoutMs: item.action.timeout_ms ?? 10_000,
          escalated: false,
        },
        context,
      );
  }
}
