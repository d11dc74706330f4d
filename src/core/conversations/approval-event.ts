import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import type { ApprovalRequest } from '../approvals.ts';

/** The event that tells the listeners what is about to be asked. */
export function approvalEvent(request: ApprovalRequest): EventMsg {
  const { callId: call_id, reason } = request;
  const why = reason !== undefined && { reason };
  if (request.kind === 'patch') {
    return { type: 'apply_patch_approval_request', call_id, changes: request.changes, ...why };
  }
  return { type: 'exec_approval_request', call_id, command: [...request.command], cwd: request.cwd, ...why };
}
