import { describe, expect, test } from 'vitest';
import { decideExec, type ExecQuestion } from '../../../src/core/tools/exec-decision.ts';
import type { ApprovalPolicy, SandboxMode } from '../../../src/protocol/vocabulary/policies.ts';

type Row = [policy: ApprovalPolicy, approved: string, full: string, confined: string, escalated: string];

/** The table of protocol-v1, section 7: what happens to an approved, another, and an escalated command. */
const TABLE: Row[] = [
  ['untrusted', 'none', 'ask', 'ask', 'ask'],
  ['on-request', 'none', 'none', 'sandbox', 'ask'],
  ['on-failure', 'none', 'none', 'sandbox', 'sandbox'],
  ['never', 'none', 'none', 'sandbox', 'sandbox'],
];

const question = (changes: Partial<ExecQuestion>): ExecQuestion => ({
  approvalPolicy: 'never',
  sandboxMode: 'danger-full-access',
  approved: false,
  knownSafe: false,
  escalated: false,
  sandboxAvailable: true,
  ...changes,
});

function decide(changes: Partial<ExecQuestion>): string {
  const decision = decideExec(question(changes));
  return decision.kind === 'run' ? decision.confinement : decision.kind;
}

const CONFINED: SandboxMode[] = ['read-only', 'workspace-write'];

describe('what happens to a command before it runs', () => {
  test.each(TABLE)('under %s', (approvalPolicy, approved, full, confined, onEscalation) => {
    expect(decide({ approvalPolicy })).toBe(full);
    for (const sandboxMode of CONFINED) {
      expect(decide({ approvalPolicy, sandboxMode, approved: true })).toBe(approved);
      expect(decide({ approvalPolicy, sandboxMode })).toBe(confined);
      expect(decide({ approvalPolicy, sandboxMode, escalated: true })).toBe(onEscalation);
    }
  });

  test('there is nothing to escalate from with full access', () => {
    expect(decide({ approvalPolicy: 'on-request', escalated: true })).toBe('none');
  });

  test('a command that only reads is not asked about, and confined all the same', () => {
    for (const [approvalPolicy] of TABLE) {
      expect(decide({ approvalPolicy, knownSafe: true })).toBe('none');
      for (const sandboxMode of CONFINED) {
        const safe = { approvalPolicy, sandboxMode, knownSafe: true };
        expect(decide(safe)).toBe('precaution');
        expect(decide({ ...safe, sandboxAvailable: false })).toBe(
          approvalPolicy === 'never' ? 'refuse' : 'ask',
        );
      }
    }
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
