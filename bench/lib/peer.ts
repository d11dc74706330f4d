/** A running server, spoken to by one client. */
export interface Peer {
  readonly pid: number;
  /** Resolves with the result. @throws when the answer is an error or does not come in time */
  call(method: string, params?: object): Promise<unknown>;
  notify(method: string): void;
  stop(): Promise<void>;
}

/** Starts a server on a `CODEX_HOME`; settles when its first request may be sent. */
export type StartPeer = (home: string) => Promise<Peer>;

export interface Page {
  readonly count: number;
  readonly cursor: string | undefined;
}

/** One of the servers compared, whatever its protocol. */
export interface Contender {
  readonly name: string;
  start: StartPeer;
  /** The request that every client sends first. */
  greet(peer: Peer): Promise<void>;
  list(peer: Peer, cursor?: string): Promise<Page>;
  resume(peer: Peer, conversation: { id: string; path: string }): Promise<void>;
}
