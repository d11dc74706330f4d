import { z } from 'zod';
import { formatForModel, formatOutput } from '../exec/format.ts';
import { applyPatch } from '../patch/apply.ts';
import { diskOperations } from '../patch/disk-operations.ts';
import { PatchError } from '../patch/errors.ts';
import { type PlannedPatch, planPatch } from '../patch/plan.ts';
import { parseArguments } from './arguments.ts';
import { decidePatch } from './patch-decision.ts';
import type { FunctionTool, ToolContext } from './tool.ts';

const Arguments = z.object({ input: z.string() });

export const applyPatchFunction: FunctionTool = async (text, context) =>
  runPatch(parseArguments(Arguments, text).input, context.cwd, context);

/** Checks a patch, asks where the policies say so, applies it, and returns what the model sees. */
export async function runPatch(patch: string, cwd: string, context: ToolContext): Promise<string> {
  try {
    const planned = await planPatch(patch, cwd);
    if (planned.operations.length === 0) return 'patch rejected: empty patch';
    return await applyIfAllowed(planned, context);
  } catch (error) {
    if (error instanceof PatchError) return explainPatchError(error);
    throw error;
  }
}

export const explainPatchError = (error: PatchError): string => `error: ${error.message}`;

async function applyIfAllowed(planned: PlannedPatch, context: ToolContext): Promise<string> {
  const decision = await decidePatch(planned, context);
  if (decision === 'reject') {
    return 'patch rejected: writing outside of the project; rejected by user approval settings';
  }
  if (decision === 'ask') {
    const answer = await context.ask({ kind: 'patch', callId: context.callId, changes: planned.changes });
    if (answer === 'denied') return 'patch rejected by user';
  }
  return apply(planned, decision === 'apply', context);
}

async function apply(planned: PlannedPatch, autoApproved: boolean, context: ToolContext): Promise<string> {
  const { callId: call_id, turnDiff } = context;
  const startedAt = process.hrtime.bigint();
  context.emit({ type: 'patch_apply_begin', call_id, auto_approved: autoApproved, changes: planned.changes });
  await turnDiff.track(planned.changes);
  const { success, stdout, stderr } = await applyPatch(planned, diskOperations(context.host));
  context.emit({ type: 'patch_apply_end', call_id, stdout, stderr, success });
  const diff = await turnDiff.diff();
  if (diff !== undefined) context.emit({ type: 'turn_diff', unified_diff: diff });
  const durationNs = process.hrtime.bigint() - startedAt;
  return formatForModel({
    exitCode: success ? 0 : 1,
    durationSeconds: Number(durationNs) / 1e9,
    output: formatOutput({ aggregated: stdout + stderr, timedOut: false, durationNs }),
  });
}
