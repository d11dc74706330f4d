import type { ApprovalPolicy, SandboxMode } from '../../protocol/vocabulary/policies.ts';

export interface ExecQuestion {
  readonly approvalPolicy: ApprovalPolicy;
  readonly sandboxMode: SandboxMode;
  /** Known to be safe, or approved for the session earlier. */
  readonly trusted: boolean;
  /** The model asks to run without the sandbox. */
  readonly escalated: boolean;
  readonly sandboxAvailable: boolean;
}

export type ExecDecision =
  | { readonly kind: 'run'; readonly sandboxed: boolean }
  | { readonly kind: 'ask' }
  | { readonly kind: 'refuse' };

/** What happens to a command before it runs: the table of protocol-v1, section 7. */
export function decideExec(question: ExecQuestion): ExecDecision {
  const { approvalPolicy, sandboxMode, trusted, escalated } = question;
  if (trusted) return { kind: 'run', sandboxed: false };
  if (approvalPolicy === 'untrusted') return { kind: 'ask' };
  if (sandboxMode === 'danger-full-access') return { kind: 'run', sandboxed: false };
  if (escalated && approvalPolicy === 'on-request') return { kind: 'ask' };
  if (question.sandboxAvailable) return { kind: 'run', sandboxed: true };
  return approvalPolicy === 'never' ? { kind: 'refuse' } : { kind: 'ask' };
}
