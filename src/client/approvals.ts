import type { ServerRequest } from '../protocol/messages.ts';
import type { ReviewDecision } from '../protocol/vocabulary/policies.ts';
import type { Call } from './call.ts';
import { ConnectionError, RequestError } from './errors.ts';

type Asked = {
  [R in ServerRequest as R['method']]: { readonly method: R['method']; readonly params: R['params'] };
}[ServerRequest['method']];

/** A question of the agent, shown to every listener of its conversation; the first answer counts. */
export type Approval = Asked & {
  readonly approvalId: string;
  readonly conversationId: string;
  readonly callId: string;
  /** Aborted when the question is settled: answered by somebody else, or taken back. The reason is an `ApprovalSettled`. */
  readonly signal: AbortSignal;
};

export class ApprovalSettled extends Error {
  override readonly name = 'ApprovalSettled';
  /** `undefined` where it is not known what was decided. */
  readonly decision: ReviewDecision | undefined;

  constructor(decision: ReviewDecision | undefined) {
    super(`the question is settled: ${decision ?? 'not known how'}`);
    this.decision = decision;
  }
}

/** `undefined` leaves the answer to others. What it throws is nobody's answer and becomes an uncaught exception. */
export type ApprovalHandler = (approval: Approval) => Promise<ReviewDecision | undefined>;

interface Open {
  readonly approval: Approval;
  readonly settled: AbortController;
}

/** The questions that this client was shown and that are open, as far as it knows. */
export class Approvals {
  readonly #call: Call;
  readonly #open = new Map<string, Open>();
  readonly #handlers = new Set<ApprovalHandler>();

  constructor(call: Call) {
    this.#call = call;
  }

  /** The handler gets what is open and what comes. Returns what ends it. */
  handle(handler: ApprovalHandler): () => void {
    this.#handlers.add(handler);
    for (const open of this.#open.values()) void this.#ask(handler, open);
    return () => this.#handlers.delete(handler);
  }

  /** Takes a request of the daemon; one that is shown again is the same question. */
  show(asked: Asked): void {
    const { conversation_id: conversationId, call_id: callId, _meta: meta } = asked.params;
    if (meta === undefined || this.#open.has(meta.approvalId)) return;
    const settled = new AbortController();
    const { approvalId } = meta;
    const approval = { ...asked, approvalId, conversationId, callId, signal: settled.signal };
    const open = { approval, settled };
    this.#open.set(approvalId, open);
    for (const handler of this.#handlers) void this.#ask(handler, open);
  }

  settle(approvalId: string, decision: ReviewDecision | undefined): void {
    const open = this.#open.get(approvalId);
    this.#open.delete(approvalId);
    open?.settled.abort(new ApprovalSettled(decision));
  }

  /** Forgets what was settled while there was no connection. */
  async reconnected(): Promise<void> {
    if (this.#open.size === 0) return;
    const { items } = await this.#call('listApprovals', {});
    const still = new Set(items.map(({ approvalId }) => approvalId));
    for (const id of [...this.#open.keys()]) if (!still.has(id)) this.settle(id, undefined);
  }

  async #ask(handler: ApprovalHandler, { approval }: Open): Promise<void> {
    let decision: ReviewDecision | undefined;
    try {
      decision = await handler(approval);
    } catch (error) {
      if (!(error instanceof ApprovalSettled)) throw error;
    }
    if (decision === undefined || !this.#open.has(approval.approvalId)) return;
    await this.#answer(approval.approvalId, decision);
  }

  async #answer(approvalId: string, decision: ReviewDecision): Promise<void> {
    try {
      await this.#call('answerApproval', { approvalId, decision });
      this.settle(approvalId, decision);
    } catch (error) {
      if (error instanceof RequestError && error.code === -32600) {
        // Somebody was faster, or it was taken back.
        return this.settle(approvalId, error.data.decision as ReviewDecision | undefined);
      }
      // After the next connection it is shown again, if it is still open.
      if (error instanceof ConnectionError) return this.settle(approvalId, undefined);
      throw error;
    }
  }
}
