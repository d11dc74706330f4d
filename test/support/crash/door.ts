import type { Msg } from './ledger.ts';

export interface Address {
  readonly url: string;
  readonly socket: string;
  readonly token: string;
}

export interface Reply {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: Refusal;
}

export interface Refusal {
  readonly message: string;
  readonly reason: string | undefined;
  readonly code: number;
  /** HTTP status; the WebSocket has none. */
  readonly status?: number;
}

/** What a listener of a conversation is given. */
export interface Hearing {
  heard(turn: string, msg: Msg): void;
  /** The daemon asks for consent; what is returned is the answer. */
  asked(): Promise<string>;
}

/** One client's way to the daemon. */
export interface Door {
  /** Answers and events come over one connection. */
  readonly ordered: boolean;
  /** @throws Gone when the daemon is not there any more */
  call(method: string, params: Readonly<Record<string, unknown>>): Promise<Reply>;
  /** Hands over all events after the named one, or from the first that nobody heard. */
  listen(conversationId: string, after: string | undefined, hearing: Hearing): Promise<void>;
  /** After the daemon's death: resolves when everything that it had sent has been handed over. */
  drained(): Promise<void>;
  close(): void;
}

/** The daemon is not there any more. */
export class Gone extends Error {
  override readonly name = 'Gone';
}
