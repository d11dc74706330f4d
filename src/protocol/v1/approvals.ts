import { z } from 'zod';
import { defineMethod, defineServerRequest } from '../method.ts';
import { FileChanges } from '../vocabulary/event-parts.ts';
import { ConversationId } from '../vocabulary/ids.ts';
import { ReviewDecision } from '../vocabulary/policies.ts';
import { examples } from './examples.ts';

/** Names the approval for `answerApproval`, and the file that the command would run; sent to clients that take codexd's own extensions. */
const Meta = z.object({ approvalId: z.string(), program: z.string().optional() }).optional();

export const PendingApproval = z
  .object({
    approvalId: z.guid(),
    conversationId: ConversationId,
    callId: z.string(),
    askedAt: z.string(),
    method: z.enum(['execCommandApproval', 'applyPatchApproval']),
    params: z.looseObject({}).meta({ description: 'What is asked, as in the server request of that name.' }),
    program: z
      .string()
      .optional()
      .meta({ description: 'The file that the command would run, if there is one.' }),
  })
  .meta({ id: 'PendingApproval' });
export type PendingApproval = z.infer<typeof PendingApproval>;

export const listApprovals = defineMethod('listApprovals', {
  summary: 'Questions that wait for consent, the oldest first.',
  params: z.object({ conversationId: ConversationId.nullish() }),
  result: z.object({ items: z.array(PendingApproval) }),
  rest: { verb: 'GET', path: '/v1/approvals', status: 200 },
  lane: { concurrent: 'reads what is there' },
  example: {
    params: { conversationId: examples.conversationId },
    result: {
      items: [
        {
          approvalId: examples.approvalId,
          conversationId: examples.conversationId,
          callId: 'call_demo_3',
          askedAt: examples.time,
          method: 'execCommandApproval',
          params: {
            conversation_id: examples.conversationId,
            call_id: 'call_demo_3',
            command: ['bash', '-lc', 'date'],
            cwd: examples.cwd,
            reason: 'The demo shows how approval works.',
          },
          program: '/usr/bin/bash',
        },
      ],
    },
  },
});

export const answerApproval = defineMethod('answerApproval', {
  summary: 'Answer a question; the first answer counts.',
  params: z.object({ approvalId: z.guid(), decision: ReviewDecision }),
  result: z.object({ decision: ReviewDecision }),
  rest: { verb: 'POST', path: '/v1/approvals/{approvalId}', status: 200 },
  lane: { concurrent: 'answering is one synchronous step, and the first one counts' },
  keyed: true,
  example: {
    params: { approvalId: examples.approvalId, decision: 'denied' },
    result: { decision: 'denied' },
  },
});

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
