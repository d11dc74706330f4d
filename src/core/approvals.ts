import type { FileChanges } from '../protocol/vocabulary/event-parts.ts';
import type { ReviewDecision } from '../protocol/vocabulary/policies.ts';

/** What the agent asks the user's consent for. */
export type ApprovalRequest =
  | {
      readonly kind: 'exec';
      readonly callId: string;
      readonly command: readonly string[];
      readonly cwd: string;
      /** The file that the command would run, if there is one. */
      readonly program?: string;
      readonly reason?: string;
    }
  | {
      readonly kind: 'patch';
      readonly callId: string;
      readonly changes: FileChanges;
      readonly reason?: string;
    };

/** Whoever can be asked. Never answers by itself: without an answer the question stays. */
export interface Approvals {
  /** Throws the signal's reason when it aborts before there is an answer. */
  ask(conversationId: string, request: ApprovalRequest, signal: AbortSignal): Promise<ReviewDecision>;
}
