import { setTimeout as sleep } from 'node:timers/promises';
import type { ConversationEvent } from '../../protocol/vocabulary/events.ts';
import type { Approvals } from '../approvals.ts';
import type { Config } from '../config/types.ts';
import { Emitter } from '../emitter.ts';
import type { FileSystem } from '../files/file-system.ts';
import type { Host } from '../host.ts';
import type { Log } from '../log.ts';
import type { ModelClient } from '../model/types.ts';
import { checkArchivedPath, checkRolloutPath, moveToArchive, moveToSessions } from '../rollout/archive.ts';
import type { Sandbox } from '../sandbox/types.ts';
import type { Origin, Wiring } from './assemble.ts';
import type { Conversation } from './conversation.ts';
import type { ConversationFiles } from './conversation-file.ts';
import { createConversation } from './create.ts';
import { closeCutOffTurn } from './cut-off-turn.ts';
import { ConversationError } from './errors.ts';
import { type Exclusive, exclusiveByKey } from './exclusive.ts';
import { identify, requireSameFile } from './identify.ts';
import type { CutOffTurn, OpenTurns } from './open-turns.ts';
import { resumeConversation } from './resume.ts';

export interface ManagerOptions extends Origin {
  readonly model: ModelClient;
  /** Resolves when the daemon knows what this machine can confine commands with. */
  readonly sandbox: Promise<Sandbox>;
  readonly approvals: Approvals;
  readonly storage: ConversationFiles;
  readonly openTurns: OpenTurns;
  readonly files: FileSystem;
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

export interface ResumedConversation {
  readonly conversation: Conversation;
  /** False when it was loaded already. */
  readonly isFresh: boolean;
}

const SHUTDOWN_TIMEOUT_MS = 10_000;

/** All loaded conversations of the daemon, by id. */
export class ConversationManager {
  readonly events: Emitter<ManagerEvent>;
  readonly #options: ManagerOptions;
  readonly #loaded = new Map<string, Conversation>();
  /** Loading, archiving and the like, by conversation. */
  readonly #exclusive: Exclusive = exclusiveByKey();
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

  /**
   * Gives the turns that an earlier daemon left without an end theirs. Resolves when it is known which those are; their
   * conversations are not loaded before they have been seen to.
   */
  async recover(): Promise<void> {
    const { openTurns, log } = this.#options;
    for (const turn of await openTurns.cutOff()) {
      this.#exclusive(turn.conversationId, () => this.#closeCutOff(turn)).catch((err) =>
        log.error(
          { err, ...turn },
          'a turn that was cut off could not be closed; the next start tries again',
        ),
      );
    }
  }

  async #closeCutOff(turn: CutOffTurn): Promise<void> {
    const { openTurns, storage, files, log } = this.#options;
    const open = (path: string) => storage.open(turn.conversationId, path, 'normal');
    const closing = await closeCutOffTurn(turn, { openTurns, open, files });
    log.info({ ...turn, closing }, 'saw to a turn that was cut off');
  }

  /** `userAgent` is what the model provider is told of the client. */
  async create(config: Config, userAgent: string): Promise<Conversation> {
    this.assertNotDraining();
    const { storage } = this.#options;
    const conversation = await createConversation(config, this.#options, storage, (id) =>
      this.#wiring(id, userAgent),
    );
    await this.#hold(conversation);
    return conversation;
  }

  /**
   * Goes on with a stored conversation; the settings count when it is not loaded yet. Whoever asks while it is being
   * loaded gets the same one.
   * @param path real or not; the messages name it as the system does
   * @throws RolloutError
   */
  async resume(path: string, config: Config, userAgent: string): Promise<ResumedConversation> {
    this.assertNotDraining();
    const { file, id } = await identify(path);
    return this.#exclusive(id, async () => {
      this.assertNotDraining();
      const loaded = this.#loaded.get(id);
      if (loaded) {
        await requireSameFile(loaded, file);
        return { conversation: loaded, isFresh: false };
      }
      const { storage } = this.#options;
      const conversation = await resumeConversation(file, config, this.#options, storage, (owner) =>
        this.#wiring(owner, userAgent),
      );
      await this.#hold(conversation);
      return { conversation, isFresh: true };
    });
  }

  #wiring(conversationId: string, userAgent: string): Wiring {
    const { model, sandbox, approvals, openTurns, host, log } = this.#options;
    const publish = (event: ConversationEvent): void =>
      this.events.emit({ type: 'event', conversationId, event });
    return { userAgent, model, sandbox, approvals, openTurns, host, log, publish };
  }

  async #hold(conversation: Conversation): Promise<void> {
    if (this.#draining) {
      await conversation.shutdown();
      this.assertNotDraining();
    }
    this.#loaded.set(conversation.id, conversation);
    this.events.emit({ type: 'loaded', conversation });
    conversation.announce();
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
    const { codexHome, files } = this.#options;
    await this.#exclusive(id.toLowerCase(), async () => {
      const file = await checkRolloutPath(codexHome, rolloutPath, id, files);
      await this.#unload(id.toLowerCase());
      await moveToArchive(codexHome, file, files);
    });
  }

  /**
   * Shuts the conversation down, if it is loaded, and moves its file from `archived_sessions` back to its place below
   * `sessions`.
   * @param rolloutPath found by the id when left out
   * @returns the new path
   * @throws RolloutError when there is no such archived file; nothing has changed then
   */
  async unarchive(id: string, rolloutPath: string | undefined): Promise<string> {
    const { codexHome, files } = this.#options;
    return this.#exclusive(id.toLowerCase(), async () => {
      const file = await checkArchivedPath(codexHome, rolloutPath, id, files);
      await this.#unload(id.toLowerCase());
      return moveToSessions(codexHome, file, files);
    });
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
    const { id: conversationId } = conversation;
    log.warn({ conversationId, shutdownTimeoutMs }, 'a conversation did not shut down in time');
    await conversation.abandon();
  }

  /** Lets running turns end until the deadline, then interrupts them; afterwards every file is flushed and closed. */
  async close(options: { deadlineMs: number }): Promise<void> {
    this.#draining = true;
    await settlesWithin(Promise.all([...this.#loaded.values()].map(({ idle }) => idle)), options.deadlineMs);
    await Promise.all([...this.#loaded.keys()].map((id) => this.#exclusive(id, () => this.#letGo(id))));
  }

  async #letGo(id: string): Promise<void> {
    try {
      await this.#unload(id);
    } catch (err) {
      this.#options.log.error({ err, conversationId: id }, 'a conversation could not be closed cleanly');
    }
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
