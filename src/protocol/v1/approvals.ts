import { z } from 'zod';
import { defineServerRequest } from '../method.ts';
import { FileChanges } from '../vocabulary/events.ts';
import { ConversationId } from '../vocabulary/ids.ts';
import { ReviewDecision } from '../vocabulary/policies.ts';

/** Names the approval for `answerApproval`; sent to clients that take codexd's own extensions. */
const Meta = z.object({ approvalId: z.string() }).optional();

const Decision = z.object({ decision: ReviewDecision });

export const execCommandApproval = defineServerRequest('execCommandApproval', {
  summary: 'May this command run?',
  params: z.object({
    conversation_id: ConversationId,
    call_id: z.string(),
    command: z.array(z.string()),
    cwd: z.string(),
    reason: z.string().optional(),
    _meta: Meta,
  }),
  result: Decision,
});

export const applyPatchApproval = defineServerRequest('applyPatchApproval', {
  summary: 'May these files be changed?',
  params: z.object({
    conversation_id: ConversationId,
    call_id: z.string(),
    file_changes: FileChanges,
    reason: z.string().optional(),
    grant_root: z.string().optional(),
    _meta: Meta,
  }),
  result: Decision,
});

export const v1ServerRequests = [execCommandApproval, applyPatchApproval] as const;
