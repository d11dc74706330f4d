import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { RpcError } from '../protocol/errors.ts';
import { ReviewDecision } from '../protocol/vocabulary/policies.ts';
import type { Sink } from './event-log.ts';
import { ExtensionFrame } from './extension-frame.ts';
import { Frame } from './frame.ts';
import type { Hub } from './hub.ts';
import { RequestFrame } from './request-frame.ts';

/** What is asked, in the words of the server request. */
export interface ApprovalQuestion {
  readonly conversationId: string;
  readonly callId: string;
  readonly method: 'execCommandApproval' | 'applyPatchApproval';
  readonly params: object;
  /** Told besides to clients that take codexd's own additions. */
  readonly meta?: { readonly program: string };
}

export interface PendingApproval extends ApprovalQuestion {
  readonly approvalId: string;
  readonly askedAt: Date;
}

interface Open extends PendingApproval {
  readonly requestId: number;
  readonly settle: (decision: ReviewDecision) => void;
  readonly takeBack: () => void;
  timer?: NodeJS.Timeout;
}

export interface PendingApprovalsOptions {
  /** Hears of the first answer to a question that was withdrawn before. */
  readonly onLateAnswer?: (conversationId: string) => void;
  /** A question that nobody has been shown for so many milliseconds is denied; never when left out. */
  readonly unattendedMs?: number | undefined;
}

/** How many settled approvals are remembered, to tell late answers what was decided. */
const REMEMBERED = 1_000;

const Answer = z.object({ decision: ReviewDecision });

/**
 * Questions that wait for somebody's consent. Each is shown to every listener of its conversation and to whoever
 * attaches later; the first valid answer counts, whatever door it comes through.
 */
export class PendingApprovals {
  readonly #hub: Hub;
  readonly #open = new Map<string, Open>();
  readonly #settled = new Map<string, ReviewDecision>();
  /** Request id of a withdrawn question -> its conversation, until somebody answers it all the same. */
  readonly #withdrawn = new Map<string | number, string>();
  readonly #options: PendingApprovalsOptions;
  #requests = 0;

  constructor(hub: Hub, options: PendingApprovalsOptions = {}) {
    this.#hub = hub;
    this.#options = options;
  }

  /** Resolves with the first valid answer. When the signal aborts, the question is withdrawn and its reason thrown. */
  async ask(question: ApprovalQuestion, signal: AbortSignal): Promise<ReviewDecision> {
    signal.throwIfAborted();
    const approval = this.#show(question);
    const withdrawn = (): void => {
      if (this.#open.has(approval.approvalId)) this.#withdraw(approval);
    };
    signal.addEventListener('abort', withdrawn, { once: true });
    const decision = await approval.decision;
    signal.removeEventListener('abort', withdrawn);
    signal.throwIfAborted();
    return decision;
  }

  /** Throws `notFound` for an unknown id, and `conflict`, with the decision that won, for an answer that is late. */
  answer(approvalId: string, decision: ReviewDecision, by?: Sink): void {
    const approval = this.#open.get(approvalId);
    if (approval) {
      this.#close(approval, decision, by);
      return;
    }
    const won = this.#settled.get(approvalId);
    if (won === undefined) {
      throw new RpcError('notFound', `approval not found: ${approvalId}`, { reason: 'approval_not_found' });
    }
    throw new RpcError('conflict', `approval was already answered: ${won}`, {
      reason: 'approval_already_answered',
      data: { decision: won },
    });
  }

  /**
   * A connection's answer to the request it was shown. An answer that cannot be understood, or an error, counts as
   * denied, as in the reference; one that is late or was never asked for changes nothing.
   */
  respond(by: Sink, response: { id: string | number; result?: unknown }): void {
    const approval = [...this.#open.values()].find(({ requestId }) => requestId === response.id);
    if (!approval) {
      this.#noteLate(response.id);
      return;
    }
    if (!this.#hub.hears(by, approval.conversationId)) return;
    const answer = Answer.safeParse(response.result);
    this.#close(approval, answer.success ? answer.data.decision : 'denied', by);
  }

  #noteLate(requestId: string | number): void {
    const conversationId = this.#withdrawn.get(requestId);
    if (conversationId === undefined) return;
    this.#withdrawn.delete(requestId);
    this.#options.onLateAnswer?.(conversationId);
  }

  list(conversationId?: string): PendingApproval[] {
    const wanted = conversationId?.toLowerCase();
    return [...this.#open.values()].filter((approval) => !wanted || approval.conversationId === wanted);
  }

  /** To be told when a conversation has lost a listener: from now on there may be nobody left to answer. */
  unattended(conversationId: string): void {
    for (const approval of this.#open.values()) {
      if (approval.conversationId === conversationId) this.#denyLater(approval);
    }
  }

  /** Whoever listens when the time is over gets as much of it again. */
  #denyLater(approval: Open): void {
    const { unattendedMs } = this.#options;
    if (!unattendedMs) return;
    clearTimeout(approval.timer);
    approval.timer = setTimeout(() => {
      const isAttended = (this.#hub.log(approval.conversationId)?.listening ?? 0) > 0;
      if (isAttended) this.#denyLater(approval);
      else this.#close(approval, 'denied', undefined);
    }, unattendedMs).unref();
  }

  #show(question: ApprovalQuestion): Open & { decision: Promise<ReviewDecision> } {
    const approvalId = randomUUID();
    const requestId = this.#requests++;
    const { promise, resolve } = Promise.withResolvers<ReviewDecision>();
    const frame = new RequestFrame(requestId, question.method, question.params, {
      approvalId,
      ...question.meta,
    });
    const takeBack = this.#hub.pin(question.conversationId, frame);
    const decision = promise;
    const open = {
      ...question,
      approvalId,
      requestId,
      askedAt: new Date(),
      settle: resolve,
      takeBack,
      decision,
    };
    this.#open.set(approvalId, open);
    this.#denyLater(open);
    return open;
  }

  #close(approval: Open, decision: ReviewDecision, by: Sink | undefined): void {
    this.#settle(approval, decision);
    this.#hub.tell(
      approval.conversationId,
      new Frame('approvalResolved', resolution(approval, decision)),
      by,
    );
  }

  /** The turn is over, which every client learns by its events; those that know the notice get it besides. */
  #withdraw(approval: Open): void {
    this.#settle(approval, 'abort');
    remember(this.#withdrawn, approval.requestId, approval.conversationId);
    const frame = new ExtensionFrame('approvalResolved', resolution(approval, 'abort'));
    this.#hub.tell(approval.conversationId, frame);
  }

  #settle(approval: Open, decision: ReviewDecision): void {
    this.#open.delete(approval.approvalId);
    clearTimeout(approval.timer);
    remember(this.#settled, approval.approvalId, decision);
    approval.takeBack();
    approval.settle(decision);
  }
}

const resolution = ({ conversationId, approvalId, callId }: Open, decision: ReviewDecision) => ({
  conversationId,
  approvalId,
  callId,
  decision,
});

/** Forgets the oldest entry when there are too many. */
function remember<K, V>(entries: Map<K, V>, key: K, value: V): void {
  entries.set(key, value);
  const [oldest] = entries.keys();
  if (entries.size > REMEMBERED && oldest !== undefined) entries.delete(oldest);
}
