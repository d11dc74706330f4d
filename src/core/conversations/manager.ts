import { setTimeout as sleep } from 'node:timers/promises';
import type { ConversationEvent } from '../../protocol/vocabulary/events.ts';
import type { Approvals } from '../approvals.ts';
import type { Config } from '../config/types.ts';
import { Emitter } from '../emitter.ts';
import type { Host } from '../host.ts';
import type { Log } from '../log.ts';
import type { ModelClient } from '../model/types.ts';
import { checkRolloutPath, moveToArchive } from '../rollout/archive.ts';
import type { Sandbox } from '../sandbox/types.ts';
import type { Conversation } from './conversation.ts';
import { createConversation, type Origin } from './create.ts';
import { ConversationError } from './errors.ts';

export interface ManagerOptions extends Origin {
  readonly model: ModelClient;
  /** Resolves when the daemon knows what this machine can confine commands with. */
  readonly sandbox: Promise<Sandbox>;
  readonly approvals: Approvals;
  readonly host: Host;
  readonly log: Log;
  /** How long archiving waits for a conversation to shut down, in milliseconds. */
  readonly shutdownTimeoutMs?: number;
}

/** What the manager tells about the conversations it holds. */
export type ManagerEvent =
  | { type: 'loaded'; conversation: Conversation }
  | { type: 'event'; conversationId: string; event: ConversationEvent }
  | { type: 'unloaded'; conversationId: string };

const SHUTDOWN_TIMEOUT_MS = 10_000;

/** All loaded conversations of the daemon, by id. */
export class ConversationManager {
  readonly events: Emitter<ManagerEvent>;
  readonly #options: ManagerOptions;
  readonly #loaded = new Map<string, Conversation>();
  #draining = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.events = new Emitter((err) => options.log.error({ err }, 'a listener of the conversations failed'));
  }

  get codexHome(): string {
    return this.#options.codexHome;
  }

  get loaded(): ReadonlyMap<string, Conversation> {
    return this.#loaded;
  }

  /** `userAgent` is what the model provider is told of the client. */
  async create(config: Config, userAgent: string): Promise<Conversation> {
    this.assertNotDraining();
    const { model, sandbox, approvals, host, log } = this.#options;
    const conversation = await createConversation(config, this.#options, (conversationId) => ({
      userAgent,
      model,
      sandbox,
      approvals,
      host,
      log,
      publish: (event) => this.events.emit({ type: 'event', conversationId, event }),
    }));
    this.#loaded.set(conversation.id, conversation);
    this.events.emit({ type: 'loaded', conversation });
    conversation.reportFailures();
    return conversation;
  }

  /** Throws `ConversationError` `not_found` when the conversation is not loaded. */
  get(id: string): Conversation {
    const conversation = this.#loaded.get(id.toLowerCase());
    if (!conversation) throw new ConversationError('not_found', `conversation not found: ${id}`);
    return conversation;
  }

  /** While the daemon drains, running turns may end but none may start. */
  get draining(): boolean {
    return this.#draining;
  }

  assertNotDraining(): void {
    if (this.#draining) throw new ConversationError('draining', 'the daemon is shutting down');
  }

  /**
   * Shuts the conversation down, if it is loaded, and moves its file to `archived_sessions`. Throws `RolloutError` when
   * the path is not that of the conversation's stored file; nothing has changed then.
   */
  async archive(id: string, rolloutPath: string): Promise<void> {
    const { codexHome } = this.#options;
    const file = await checkRolloutPath(codexHome, rolloutPath, id);
    await this.#unload(id.toLowerCase());
    await moveToArchive(codexHome, file);
  }

  async #unload(id: string): Promise<void> {
    const conversation = this.#loaded.get(id);
    if (!conversation) return;
    this.#loaded.delete(id);
    try {
      await this.#shutDown(conversation);
    } finally {
      this.events.emit({ type: 'unloaded', conversationId: id });
    }
  }

  async #shutDown(conversation: Conversation): Promise<void> {
    const { log, shutdownTimeoutMs = SHUTDOWN_TIMEOUT_MS } = this.#options;
    const inTime = await settlesWithin(conversation.shutdown(), shutdownTimeoutMs);
    if (inTime) return;
    log.warn(
      { conversationId: conversation.id, shutdownTimeoutMs },
      'a conversation did not shut down in time',
    );
  }

  /** Lets running turns end until the deadline, then interrupts them; afterwards every file is flushed and closed. */
  async close(options: { deadlineMs: number }): Promise<void> {
    this.#draining = true;
    await settlesWithin(Promise.all([...this.#loaded.values()].map(({ idle }) => idle)), options.deadlineMs);
    await Promise.all([...this.#loaded.keys()].map((id) => this.#unload(id)));
  }
}

/** Whether the promise settles in time. A rejection is the caller's to see, a late one nobody's. */
async function settlesWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(milliseconds, false, { signal: timer.signal, ref: false }).catch(() => false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
