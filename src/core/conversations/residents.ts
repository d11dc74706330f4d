import type { FileSystem } from '../files/file-system.ts';
import type { Log } from '../log.ts';
import { settlesWithin } from '../settles-within.ts';
import type { Conversation } from './conversation.ts';
import { ConversationError } from './errors.ts';
import { type Exclusive, exclusiveByKey } from './exclusive.ts';
import { createIdleTimer, type IdleTimer } from './idle-timer.ts';
import { createUnloadedConversations, type Unloaded, type UnloadedConversations } from './unloaded.ts';
import { createUses, type Uses } from './uses.ts';

export interface ResidentsOptions {
  /** How long archiving waits for a conversation to shut down, in milliseconds; 10 seconds when left out. */
  readonly shutdownTimeoutMs?: number;
  /** How long a conversation stays loaded that nobody uses, in milliseconds; 0 is for ever, a minute when left out. */
  readonly unloadAfterMs?: number;
  /** Whether somebody listens to the conversation, or is to answer a question of it. */
  readonly isAttended?: (conversationId: string) => boolean;
  readonly files: FileSystem;
  readonly log: Log;
}

export interface Loading {
  /** Loads a conversation again as it was; what comes of it is told by `hold`. */
  load(id: string, earlier: Unloaded): Promise<Conversation>;
  onUnloaded(id: string): void;
}

const SHUTDOWN_TIMEOUT_MS = 10_000;
const UNLOAD_AFTER_MS = 60_000;

/** Which conversations are in memory, by id in lower case, and for how long. */
export class Residents {
  /** Loading, archiving and the like, by conversation. */
  readonly exclusive: Exclusive = exclusiveByKey();
  readonly #options: ResidentsOptions;
  readonly #loading: Loading;
  readonly #loaded = new Map<string, Conversation>();
  readonly #unloaded: UnloadedConversations = createUnloadedConversations();
  /** Calls that work with a loaded conversation. */
  readonly #uses: Uses = createUses();
  readonly #idle: IdleTimer | undefined;
  /** Those that give back what they have just now. */
  readonly #releases = new Set<Promise<void>>();
  #staying = false;

  constructor(options: ResidentsOptions, loading: Loading) {
    this.#options = options;
    this.#loading = loading;
    const { unloadAfterMs = UNLOAD_AFTER_MS } = options;
    if (unloadAfterMs > 0) this.#idle = createIdleTimer(unloadAfterMs, (id) => void this.#unloadIdle(id));
  }

  get loaded(): ReadonlyMap<string, Conversation> {
    return this.#loaded;
  }

  hold(conversation: Conversation): void {
    this.#unloaded.forget(conversation.id);
    this.#loaded.set(conversation.id, conversation);
    this.touch(conversation.id);
  }

  /** What a conversation was that has been unloaded because nobody used it. */
  earlier(id: string): Unloaded | undefined {
    return this.#unloaded.get(id);
  }

  /**
   * Works with a conversation, which stays loaded meanwhile. One that was unloaded because nobody used it is loaded again
   * as it was, once for all who ask.
   * @throws ConversationError `not_found` for one that is not known; RolloutError when it cannot be loaded again
   */
  async use<T>(id: string, work: (conversation: Conversation) => T | Promise<T>): Promise<T> {
    const key = id.toLowerCase();
    const end = this.#uses.begin(key);
    try {
      return await work(this.#loaded.get(key) ?? (await this.#loadAgain(key, id)));
    } finally {
      end();
      this.touch(key);
    }
  }

  async #loadAgain(key: string, id: string): Promise<Conversation> {
    if (!this.#unloaded.get(key)) throw notFound(id);
    return this.exclusive(key, async () => {
      const loaded = this.#loaded.get(key);
      if (loaded) return loaded;
      const earlier = this.#unloaded.get(key);
      if (!earlier) throw notFound(id);
      return this.#loading.load(key, earlier);
    });
  }

  /** Something happened with a conversation: its time in memory starts anew. */
  touch(id: string): void {
    if (this.#loaded.has(id)) this.#idle?.touch(id);
  }

  /** From now on nothing is unloaded by itself. Resolves when what was being unloaded is. */
  async stay(): Promise<void> {
    this.#staying = true;
    this.#idle?.close();
    await Promise.allSettled(this.#releases);
  }

  async #unloadIdle(id: string): Promise<void> {
    try {
      await this.exclusive(id, async () => {
        const conversation = this.#loaded.get(id);
        if (conversation) await this.#releaseIfIdle(conversation);
      });
    } catch (err) {
      this.#options.log.debug({ err, conversationId: id }, 'a conversation that nobody uses stays loaded');
      this.touch(id);
    }
  }

  async #releaseIfIdle(conversation: Conversation): Promise<void> {
    const { id, rolloutPath } = conversation;
    if (!this.#isFree(conversation)) return this.touch(id);
    await conversation.flush();
    // A file that is gone can be made again from memory only.
    await this.#options.files.stat(rolloutPath);
    const hasPrograms = await conversation.hasPrograms();
    if (hasPrograms || !this.#isFree(conversation)) return this.touch(id);
    await this.#release(conversation);
  }

  #isFree({ id, turn }: Conversation): boolean {
    return !turn && !this.#staying && !this.#uses.has(id) && !this.#options.isAttended?.(id);
  }

  async #release(conversation: Conversation): Promise<void> {
    const { id } = conversation;
    this.#unloaded.keep(conversation);
    this.#loaded.delete(id);
    const release = conversation.release();
    this.#releases.add(release);
    try {
      await release;
    } finally {
      this.#releases.delete(release);
      this.#loading.onUnloaded(id);
    }
  }

  /** Shuts the conversation down, if it is loaded; it does not come back by being used. */
  async unload(id: string): Promise<void> {
    this.#idle?.forget(id);
    this.#unloaded.forget(id);
    const conversation = this.#loaded.get(id);
    if (!conversation) return;
    this.#loaded.delete(id);
    try {
      await this.#shutDown(conversation);
    } finally {
      this.#loading.onUnloaded(id);
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
}

const notFound = (id: string): ConversationError =>
  new ConversationError('not_found', `conversation not found: ${id}`);
