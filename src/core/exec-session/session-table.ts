import type { Session } from './session.ts';

/** Of one conversation and kind. */
const MAX_SESSIONS = 16;

export class TooManySessionsError extends Error {
  constructor() {
    super(
      `${MAX_SESSIONS} sessions are running; end one of them first, for example by writing \\u0003 to it`,
    );
    this.name = 'TooManySessionsError';
  }
}

/** The sessions that a model has started by one tool, by the numbers that it knows them by. */
export class SessionTable {
  readonly #sessions = new Map<number, Session>();
  #next = 0;

  /** The next number, from 0 on. It is taken even if nothing comes of the session. */
  takeNumber(): number {
    return this.#next++;
  }

  /** Gives up the oldest sessions that have ended. Throws `TooManySessionsError` when all of them run. */
  makeRoom(): void {
    for (const [number, { isRunning }] of this.#sessions) {
      if (this.#sessions.size < MAX_SESSIONS) return;
      if (!isRunning) this.#sessions.delete(number);
    }
    if (this.#sessions.size >= MAX_SESSIONS) throw new TooManySessionsError();
  }

  add(number: number, session: Session): void {
    this.#sessions.set(number, session);
  }

  get(number: number): Session | undefined {
    return this.#sessions.get(number);
  }

  delete(number: number): void {
    this.#sessions.delete(number);
  }

  /** Never fails. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.end()));
  }
}
