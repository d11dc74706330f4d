import type { ToolContext } from './tool.ts';

/**
 * Why a command may not run, for the model; `undefined` when it may. What needs a sandbox or somebody's consent does
 * not run: there is neither yet, and nothing is ever run bare instead.
 */
export function refusal(context: Pick<ToolContext, 'approvalPolicy' | 'sandboxPolicy'>): string | undefined {
  if (context.sandboxPolicy.mode !== 'danger-full-access') {
    return `command not run: this conversation asks for the ${context.sandboxPolicy.mode} sandbox, which is not available`;
  }
  if (context.approvalPolicy === 'untrusted') {
    return 'command not run: the approval policy "untrusted" asks the user first, which is not available';
  }
  return undefined;
}
