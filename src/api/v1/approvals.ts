import type { PendingApproval } from '../../protocol/v1/approvals.ts';
import type { Handlers } from '../../rpc/dispatcher.ts';
import type { PendingApprovals } from '../../rpc/pending-approvals.ts';
import type { Services } from '../services.ts';

export function approvalHandlers({
  approvals,
}: Services): Pick<Handlers, 'listApprovals' | 'answerApproval'> {
  return {
    listApprovals: ({ conversationId }) => ({
      items: pendingApprovals(approvals, conversationId ?? undefined),
    }),

    answerApproval({ approvalId, decision }, { client }) {
      approvals.answer(approvalId.toLowerCase(), decision, client);
      return { decision };
    },
  };
}

export function pendingApprovals(approvals: PendingApprovals, conversationId?: string): PendingApproval[] {
  return approvals.list(conversationId).map((approval) => ({
    approvalId: approval.approvalId,
    conversationId: approval.conversationId,
    callId: approval.callId,
    askedAt: approval.askedAt.toISOString(),
    method: approval.method,
    params: { ...approval.params },
    ...approval.meta,
  }));
}
