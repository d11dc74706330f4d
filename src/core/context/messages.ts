import path from 'node:path';
import type { MessageItem } from '../../protocol/vocabulary/items.ts';
import type { ApprovalPolicy, SandboxPolicy } from '../../protocol/vocabulary/policies.ts';

export const userText = (text: string): MessageItem => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text }],
});

export const userInstructionsMessage = (text: string): MessageItem =>
  userText(`<user_instructions>\n\n${text}\n\n</user_instructions>`);

export interface Surroundings {
  readonly cwd: string;
  readonly approvalPolicy: ApprovalPolicy;
  readonly sandboxPolicy: SandboxPolicy;
  /** Path of the user's login shell. */
  readonly shell: string | undefined;
}

/** Tells the model where it works and what it may do, in the form of protocol-v1, section 9. */
export function environmentContextMessage(around: Surroundings): MessageItem {
  const policy = around.sandboxPolicy;
  const roots = policy.mode === 'workspace-write' ? (policy.writable_roots ?? []) : [];
  const lines = [
    '<environment_context>',
    `  <cwd>${around.cwd}</cwd>`,
    `  <approval_policy>${around.approvalPolicy}</approval_policy>`,
    `  <sandbox_mode>${policy.mode}</sandbox_mode>`,
    `  <network_access>${hasNetwork(policy) ? 'enabled' : 'restricted'}</network_access>`,
    ...(roots.length === 0
      ? []
      : ['  <writable_roots>', ...roots.map((root) => `    <root>${root}</root>`), '  </writable_roots>']),
    ...(around.shell ? [`  <shell>${path.basename(around.shell)}</shell>`] : []),
    '</environment_context>',
  ];
  return userText(lines.join('\n'));
}

const hasNetwork = (policy: SandboxPolicy): boolean =>
  policy.mode === 'danger-full-access' ||
  (policy.mode === 'workspace-write' && policy.network_access === true);
