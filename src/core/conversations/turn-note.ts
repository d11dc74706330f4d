import type { Journal } from './journal.ts';
import type { OpenTurns, TurnStart } from './open-turns.ts';

export interface TurnNoteOptions {
  readonly conversationId: string;
  readonly openTurns: OpenTurns;
  readonly journal: Pick<Journal, 'path' | 'size' | 'sync'>;
  /** Whether anything is to survive a power cut. */
  readonly isDurable: boolean;
}

/** The note of the turn that one conversation runs. */
export class TurnNote {
  readonly #options: TurnNoteOptions;
  #turn: TurnStart = { path: '', offset: 0 };

  constructor(options: TurnNoteOptions) {
    this.#options = options;
  }

  /** In place when it returns, also if the process dies; {@link sync} waits until a power cut would leave it. */
  begin(): void {
    const { conversationId, openTurns, journal } = this.#options;
    this.#turn = { path: journal.path, offset: journal.size };
    openTurns.begin(conversationId, this.#turn);
  }

  /** Nothing has come of the turn. */
  takeBack(): void {
    this.#options.openTurns.end(this.#options.conversationId);
  }

  async sync(): Promise<void> {
    const { conversationId, openTurns, isDurable } = this.#options;
    if (isDurable) await openTurns.sync(conversationId);
  }

  /** A note that a power cut brings back would end the turn a second time. */
  async end(): Promise<void> {
    this.takeBack();
    await this.sync();
  }

  /**
   * Ends the turn whose records are all given to the journal. They and the note are synced at once: the note says up
   * to where the rollout has to be whole for the turn to have ended.
   * @throws RolloutError when the records cannot be stored; the note says again that the turn runs
   */
  async endWithRecords(signal: AbortSignal): Promise<void> {
    const { conversationId, openTurns, journal } = this.#options;
    let noted: Promise<void> | undefined;
    const note = (): void => {
      if (noted !== undefined) return;
      openTurns.end(conversationId, journal.size);
      noted = this.sync();
    };
    try {
      await journal.sync(signal, note);
    } catch (error) {
      if (noted !== undefined) openTurns.begin(conversationId, this.#turn);
      throw error;
    }
    await noted;
  }
}
