import path from 'node:path';
import { z } from 'zod';
import { isKnownSafe } from '../exec/safe-command.ts';
import { PatchError } from '../patch/errors.ts';
import { readPatchInvocation } from '../patch/invocation.ts';
import { joinPath } from '../patch/resolve-path.ts';
import { explainPatchError, runPatch } from './apply-patch.ts';
import { parseArguments } from './arguments.ts';
import { attemptCommand, type ShellCommand } from './command-attempt.ts';
import { type Confinement, decideExec } from './exec-decision.ts';
import type { FunctionTool, ToolContext } from './tool.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
export const REJECTED = 'exec command rejected by user';

const Arguments = z.object({
  command: z.array(z.string()),
  workdir: z.string().nullish(),
  timeout_ms: z.number().nullish(),
  timeout: z.number().nullish(),
  with_escalated_permissions: z.boolean().nullish(),
  justification: z.string().nullish(),
});

export interface ShellCall extends ShellCommand {
  /** The model asks to run without the sandbox. */
  readonly escalated: boolean;
  /** Why, in its words; shown with whatever is asked before the command runs. */
  readonly justification?: string;
}

export const shell: FunctionTool = async (text, context) =>
  runShell(parseShellCall(text, context.cwd), context);

export function parseShellCall(text: string, cwd: string): ShellCall {
  const args = parseArguments(Arguments, text);
  const { justification } = args;
  return {
    command: args.command,
    cwd: path.resolve(cwd, args.workdir ?? ''),
    timeoutMs: args.timeout_ms ?? args.timeout ?? DEFAULT_TIMEOUT_MS,
    escalated: args.with_escalated_permissions ?? false,
    ...(justification != null && { justification }),
  };
}

/** Runs a command, or the patch that it stands for, and returns what the model sees. */
export async function runShell(call: ShellCall, context: ToolContext): Promise<string> {
  try {
    const invocation = readPatchInvocation(call.command);
    if (invocation) {
      const { patch, workdir } = invocation;
      return await runPatch(patch, workdir === undefined ? call.cwd : joinPath(call.cwd, workdir), context);
    }
  } catch (error) {
    if (error instanceof PatchError) return explainPatchError(error);
    throw error;
  }
  return runCommand(call, context);
}

/** Runs a command as far as the policies and the user let it. */
async function runCommand(call: ShellCall, context: ToolContext): Promise<string> {
  const { approvalPolicy, sandboxPolicy, sandbox } = context;
  const decision = decideExec({
    approvalPolicy,
    sandboxMode: sandboxPolicy.mode,
    approved: context.approvedCommands.has(call.command),
    knownSafe: isKnownSafe(call.command),
    escalated: call.escalated,
    sandboxAvailable: sandbox.status.kind !== 'none',
  });
  switch (decision.kind) {
    case 'refuse':
      return `command not run: ${explainMissingSandbox(context)}`;
    case 'ask':
      if (!(await isApproved(call, call.justification, context))) return REJECTED;
      return runAndMaybeRetry(call, 'none', context);
    case 'run':
      return runAndMaybeRetry(call, decision.confinement, context);
  }
}

async function runAndMaybeRetry(
  call: ShellCall,
  confinement: Confinement,
  context: ToolContext,
): Promise<string> {
  const attempt = await attemptCommand(call, confinement, context);
  if (attempt.kind === 'done') return attempt.output;
  if (attempt.kind === 'not-started') return `execution error: ${attempt.reason}`;
  if (context.approvalPolicy === 'never' || context.approvalPolicy === 'on-request') {
    return `failed in sandbox ${attempt.label} with execution error: ${attempt.reason}`;
  }
  context.emit({ type: 'background_event', message: `Execution failed: ${attempt.reason}` });
  if (!(await isApproved(call, 'command failed; retry without sandbox?', context))) return REJECTED;
  // Whoever has let a command out of the sandbox once is not asked about it again.
  context.approvedCommands.add(call.command);
  context.emit({ type: 'background_event', message: 'retrying command without sandbox' });
  return retry(call, context);
}

async function retry(call: ShellCall, context: ToolContext): Promise<string> {
  const attempt = await attemptCommand(call, 'none', context);
  if (attempt.kind === 'done') return attempt.output;
  if (attempt.kind === 'not-started') return `retry failed: ${attempt.reason}`;
  return `retry failed: sandbox error: ${attempt.reason}`;
}

async function isApproved(
  call: ShellCall,
  reason: string | undefined,
  context: ToolContext,
): Promise<boolean> {
  const decision = await context.ask({
    kind: 'exec',
    callId: context.callId,
    command: call.command,
    cwd: call.cwd,
    ...(reason !== undefined && { reason }),
  });
  if (decision === 'approved_for_session') context.approvedCommands.add(call.command);
  return decision === 'approved' || decision === 'approved_for_session';
}

/** Why a command that may neither run unconfined nor be asked about cannot run at all. */
export function explainMissingSandbox({ sandbox, sandboxPolicy }: ToolContext): string {
  const { status } = sandbox;
  const why = status.kind === 'none' ? ` (${status.reason})` : '';
  return `the ${sandboxPolicy.mode} sandbox is not available here${why}, and the approval policy is never to ask`;
}
