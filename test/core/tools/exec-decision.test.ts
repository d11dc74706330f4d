import { describe, expect, test } from 'vitest';
import { decideExec, type ExecQuestion } from '../../../src/core/tools/exec-decision.ts';
import type { ApprovalPolicy, SandboxMode } from '../../../src/protocol/vocabulary/policies.ts';

type Row = [policy: ApprovalPolicy, trusted: string, full: string, confined: string, escalated: string];

/** The table of protocol-v1, section 7: what happens to a trusted, another, and an escalated command. */
const TABLE: Row[] = [
  ['untrusted', 'bare', 'ask', 'ask', 'ask'],
  ['on-request', 'bare', 'bare', 'sandbox', 'ask'],
  ['on-failure', 'bare', 'bare', 'sandbox', 'sandbox'],
  ['never', 'bare', 'bare', 'sandbox', 'sandbox'],
];

const question = (changes: Partial<ExecQuestion>): ExecQuestion => ({
  approvalPolicy: 'never',
  sandboxMode: 'danger-full-access',
  trusted: false,
  escalated: false,
  sandboxAvailable: true,
  ...changes,
});

function decide(changes: Partial<ExecQuestion>): string {
  const decision = decideExec(question(changes));
  if (decision.kind === 'run') return decision.sandboxed ? 'sandbox' : 'bare';
  return decision.kind;
}

const CONFINED: SandboxMode[] = ['read-only', 'workspace-write'];

describe('what happens to a command before it runs', () => {
  test.each(TABLE)('under %s', (approvalPolicy, trusted, full, confined, onEscalation) => {
    expect(decide({ approvalPolicy })).toBe(full);
    for (const sandboxMode of CONFINED) {
      expect(decide({ approvalPolicy, sandboxMode, trusted: true })).toBe(trusted);
      expect(decide({ approvalPolicy, sandboxMode })).toBe(confined);
      expect(decide({ approvalPolicy, sandboxMode, escalated: true })).toBe(onEscalation);
    }
  });

  test('there is nothing to escalate from with full access', () => {
    expect(decide({ approvalPolicy: 'on-request', escalated: true })).toBe('bare');
  });

  test('without a sandbox a command that needs one is asked about, or refused where nobody is to be asked', () => {
    for (const sandboxMode of CONFINED) {
      const without = { sandboxMode, sandboxAvailable: false };
      expect(decide({ ...without, approvalPolicy: 'on-request' })).toBe('ask');
      expect(decide({ ...without, approvalPolicy: 'on-failure' })).toBe('ask');
      expect(decide({ ...without, approvalPolicy: 'never' })).toBe('refuse');
    }
  });
});
