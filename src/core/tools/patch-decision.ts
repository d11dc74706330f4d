import { commandEnvironment } from '../exec/environment.ts';
import { writesOutside } from '../patch/paths.ts';
import type { PlannedPatch } from '../patch/plan.ts';
import type { RestrictingPolicy } from '../sandbox/policy.ts';
import type { ToolContext } from './tool.ts';

export type PatchDecision = 'apply' | 'ask' | 'reject';

/** What happens to a patch before it is applied (protocol-v1, section 7). */
export async function decidePatch(planned: PlannedPatch, context: ToolContext): Promise<PatchDecision> {
  const { approvalPolicy, sandboxPolicy } = context;
  if (approvalPolicy === 'untrusted') return 'ask';
  if (sandboxPolicy.mode === 'danger-full-access') return 'apply';
  if (await isInsideRoots(planned, sandboxPolicy, context)) return 'apply';
  return approvalPolicy === 'never' ? 'reject' : 'ask';
}

async function isInsideRoots(
  planned: PlannedPatch,
  policy: RestrictingPolicy,
  context: ToolContext,
): Promise<boolean> {
  const { writableRoots } = await context.sandbox.access(policy, {
    workspace: context.cwd,
    env: commandEnvironment(context.shellEnvironmentPolicy, context.host.env),
  });
  return (await writesOutside(planned, writableRoots)).length === 0;
}
