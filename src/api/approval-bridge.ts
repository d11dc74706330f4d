import type { ApprovalRequest, Approvals } from '../core/approvals.ts';
import type { ApprovalQuestion, PendingApprovals } from '../rpc/pending-approvals.ts';

/** Lets the agent ask whoever listens to the conversation, in the words of the first protocol generation. */
export const approvalBridge = (pending: PendingApprovals): Approvals => ({
  ask: (conversationId, request, signal) => pending.ask(toQuestion(conversationId, request), signal),
});

function toQuestion(conversationId: string, request: ApprovalRequest): ApprovalQuestion {
  const { callId, reason } = request;
  const asked = { conversation_id: conversationId, call_id: callId };
  const why = reason !== undefined && { reason };
  return request.kind === 'exec'
    ? {
        conversationId,
        callId,
        method: 'execCommandApproval',
        params: { ...asked, command: request.command, cwd: request.cwd, ...why },
        ...(request.program !== undefined && { meta: { program: request.program } }),
      }
    : {
        conversationId,
        callId,
        method: 'applyPatchApproval',
        params: { ...asked, file_changes: request.changes, ...why },
      };
}
