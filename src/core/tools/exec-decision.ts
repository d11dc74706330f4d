import type { ApprovalPolicy, SandboxMode } from '../../protocol/vocabulary/policies.ts';

export interface ExecQuestion {
  readonly approvalPolicy: ApprovalPolicy;
  readonly sandboxMode: SandboxMode;
  /** Approved for the session earlier. */
  readonly approved: boolean;
  /** By its words it only reads. */
  readonly knownSafe: boolean;
  /** The model asks to run without the sandbox. */
  readonly escalated: boolean;
  readonly sandboxAvailable: boolean;
}

/**
 * - `none`: all that the daemon may do, the command may do
 * - `sandbox`: a command that fails may have failed because of its sandbox
 * - `precaution`: a command that asks for nothing that the sandbox denies, so that its failures are its own
 */
export type Confinement = 'none' | 'sandbox' | 'precaution';

export type ExecDecision =
  | { readonly kind: 'run'; readonly confinement: Confinement }
  | { readonly kind: 'ask' }
  | { readonly kind: 'refuse' };

/**
 * What happens to a command before it runs: the table of protocol-v1, section 7. Unlike in the reference, commands known
 * to be safe are confined as well: `cat` would show the model the daemon's own token (security, SEC-EXEC-7).
 */
export function decideExec(question: ExecQuestion): ExecDecision {
  const { approvalPolicy, sandboxMode, approved, knownSafe, escalated } = question;
  const isFree = sandboxMode === 'danger-full-access';
  if (approved || (knownSafe && isFree)) return { kind: 'run', confinement: 'none' };
  if (knownSafe && question.sandboxAvailable) return { kind: 'run', confinement: 'precaution' };
  if (approvalPolicy === 'untrusted') return { kind: 'ask' };
  if (isFree) return { kind: 'run', confinement: 'none' };
  if (escalated && approvalPolicy === 'on-request') return { kind: 'ask' };
  if (question.sandboxAvailable) return { kind: 'run', confinement: 'sandbox' };
  return approvalPolicy === 'never' ? { kind: 'refuse' } : { kind: 'ask' };
}
