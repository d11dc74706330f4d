import type { ConversationEvent, TextDeltas } from '../../protocol/vocabulary/events.ts';
import type { Approvals } from '../approvals.ts';
import type { Config } from '../config/types.ts';
import { Emitter } from '../emitter.ts';
import type { Host } from '../host.ts';
import type { ModelClient } from '../model/types.ts';
import { checkArchivedPath, checkRolloutPath, moveToArchive, moveToSessions } from '../rollout/archive.ts';
import type { Sandbox } from '../sandbox/types.ts';
import { settlesWithin } from '../settles-within.ts';
import type { Origin, Wiring } from './assemble.ts';
import type { Conversation } from './conversation.ts';
import type { ConversationFiles } from './conversation-file.ts';
import { createConversation } from './create.ts';
import { closeCutOffTurn } from './cut-off-turn.ts';
import { ConversationError } from './errors.ts';
import { identify, requireSameFile } from './identify.ts';
import type { CutOffTurn, OpenTurns } from './open-turns.ts';
import { Residents, type ResidentsOptions } from './residents.ts';
import { resumeConversation } from './resume.ts';
import { createStalledTurns, STALL_TIMES, type StalledTurns, type StallTimes } from './stalled-turns.ts';
import type { Unloaded } from './unloaded.ts';
import { whereNow } from './where-now.ts';

export interface ManagerOptions extends Origin, ResidentsOptions {
  readonly model: ModelClient;
  /** Resolves when the daemon knows what this machine can confine commands with. */
  sandbox(): Promise<Sandbox>;
  readonly approvals: Approvals;
  readonly storage: ConversationFiles;
  readonly openTurns: OpenTurns;
  readonly host: Host;
  readonly stallTimes?: StallTimes;
}

/** What the manager tells about the conversations it holds. */
export type ManagerEvent =
  | { type: 'loaded'; conversation: Conversation }
  | { type: 'event'; conversationId: string; event: ConversationEvent }
  /** Pieces of one text that came together. */
  | { type: 'deltas'; conversationId: string; id: string; deltas: TextDeltas }
  | { type: 'unloaded'; conversationId: string };

export interface ResumedConversation {
  readonly conversation: Conversation;
  /** False when it was loaded already. */
  readonly isFresh: boolean;
}

const END_OF_TURN: ReadonlySet<string> = new Set(['task_complete', 'turn_aborted']);

/** All conversations of the daemon, by id: those in memory, and those that come back when they are used. */
export class ConversationManager {
  readonly events: Emitter<ManagerEvent>;
  readonly #options: ManagerOptions;
  readonly #residents: Residents;
  readonly #stalledTurns: StalledTurns;
  #draining = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.events = new Emitter((err) => options.log.error({ err }, 'a listener of the conversations failed'));
    this.#stalledTurns = createStalledTurns(options.log, options.stallTimes ?? STALL_TIMES);
    this.#residents = new Residents(options, {
      load: async (id, earlier) => {
        this.assertNotDraining();
        return this.#load(await whereNow(earlier, id, this.codexHome), earlier);
      },
      onUnloaded: (conversationId) => this.events.emit({ type: 'unloaded', conversationId }),
    });
  }

  get codexHome(): string {
    return this.#options.codexHome;
  }

  get loaded(): ReadonlyMap<string, Conversation> {
    return this.#residents.loaded;
  }

  /**
   * Gives the turns that an earlier daemon left without an end theirs. Resolves when it is known which those are; their
   * conversations are not loaded before they have been seen to.
   */
  async recover(): Promise<void> {
    const { openTurns, log } = this.#options;
    for (const turn of await openTurns.cutOff()) {
      this.#residents
        .exclusive(turn.conversationId, () => this.#closeCutOff(turn))
        .catch((err) =>
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
    return this.#residents.exclusive(id, async () => {
      this.assertNotDraining();
      const loaded = this.loaded.get(id);
      if (loaded) {
        await requireSameFile(loaded, file);
        this.touch(id);
        return { conversation: loaded, isFresh: false };
      }
      const earlier = this.#residents.earlier(id);
      // In another file it is no longer what it was.
      const isSame = earlier !== undefined && (await whereNow(earlier, id, this.codexHome)) === file;
      const conversation = await this.#load(file, isSame ? earlier : { config, userAgent });
      return { conversation, isFresh: true };
    });
  }

  async #load(
    file: string,
    as: Pick<Unloaded, 'config' | 'userAgent'> & Partial<Pick<Unloaded, 'opening' | 'progress'>>,
  ): Promise<Conversation> {
    const { config, userAgent, opening, progress } = as;
    const wiringOf = (owner: string): Wiring => this.#wiring(owner, userAgent);
    const earlier = opening && progress && { opening, progress };
    const { storage } = this.#options;
    const loaded = await resumeConversation(file, config, this.#options, storage, wiringOf, earlier);
    await this.#hold(loaded);
    return loaded;
  }

  /** Loaded, or to be loaded when it is used. */
  knows(id: string): boolean {
    const key = id.toLowerCase();
    return this.loaded.has(key) || this.#residents.earlier(key) !== undefined;
  }

  /** Works with a conversation that the manager knows, which stays loaded meanwhile; see `Residents.use`. */
  use<T>(id: string, work: (conversation: Conversation) => T | Promise<T>): Promise<T> {
    return this.#residents.use(id, work);
  }

  /** Something happened with the conversation that is not its own doing: its time in memory starts anew. */
  touch(id: string): void {
    this.#residents.touch(id.toLowerCase());
  }

  #wiring(conversationId: string, userAgent: string): Wiring {
    const { model, sandbox, approvals, openTurns, host, log } = this.#options;
    const stalledTurns = this.#stalledTurns;
    const publish = (event: ConversationEvent): void => {
      if (END_OF_TURN.has(event.msg.type)) this.touch(conversationId);
      this.events.emit({ type: 'event', conversationId, event });
    };
    const publishDeltas = (id: string, deltas: TextDeltas): void =>
      this.events.emit({ type: 'deltas', conversationId, id, deltas });
    return {
      userAgent,
      model,
      sandbox,
      approvals,
      openTurns,
      stalledTurns,
      host,
      log,
      publish,
      publishDeltas,
    };
  }

  async #hold(conversation: Conversation): Promise<void> {
    if (this.#draining) {
      await conversation.shutdown();
      this.assertNotDraining();
    }
    this.#residents.hold(conversation);
    this.events.emit({ type: 'loaded', conversation });
    conversation.announce();
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
    await this.#residents.exclusive(id.toLowerCase(), async () => {
      const file = await checkRolloutPath(codexHome, rolloutPath, id, files);
      await this.#residents.unload(id.toLowerCase());
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
    return this.#residents.exclusive(id.toLowerCase(), async () => {
      const file = await checkArchivedPath(codexHome, rolloutPath, id, files);
      await this.#residents.unload(id.toLowerCase());
      return moveToSessions(codexHome, file, files);
    });
  }

  /** Lets running turns end until the deadline, then interrupts them; afterwards every file is flushed and closed. */
  async close(options: { deadlineMs: number }): Promise<void> {
    this.#draining = true;
    await settlesWithin(Promise.all([...this.loaded.values()].map(({ idle }) => idle)), options.deadlineMs);
    await this.#residents.stay();
    await Promise.all(
      [...this.loaded.keys()].map((id) => this.#residents.exclusive(id, () => this.#letGo(id))),
    );
  }

  async #letGo(id: string): Promise<void> {
    try {
      await this.#residents.unload(id);
    } catch (err) {
      this.#options.log.error({ err, conversationId: id }, 'a conversation could not be closed cleanly');
    }
  }
}
