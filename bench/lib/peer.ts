import type { Client } from './client.ts';

/** Where a server takes further connections. */
export interface Door {
  /** `http://HOST:PORT`. */
  readonly url: string;
  /** Bearer token, where one is wanted. */
  readonly token?: string;
}

/** A running server, spoken to by one client. */
export interface Peer extends Client {
  readonly pid: number;
  /** Not there on stdio, which has the one client. */
  readonly door?: Door;
  stop(): Promise<void>;
}

/** Starts a server on a `CODEX_HOME`; settles when its first request may be sent. */
export type StartPeer = (home: string) => Promise<Peer>;

export interface Request {
  readonly method: string;
  readonly params: object;
}

/** What small calls can be sent to, an agent or not. */
export interface Server {
  readonly name: string;
  start: StartPeer;
  /** The request that every client sends first. */
  greet(client: Client): Promise<void>;
  /** Path of a GET that costs the server as little as any. */
  readonly smallRoute?: string;
}

export interface Page {
  readonly count: number;
  readonly cursor: string | undefined;
}

export interface Conversation {
  readonly id: string;
  /** Of the rollout file. */
  readonly path: string;
}

/** One of the servers compared, whatever its protocol. */
export interface Contender extends Server {
  list(client: Client, cursor?: string): Promise<Page>;
  resume(client: Client, conversation: Conversation): Promise<void>;
  newConversation(client: Client): Promise<Conversation>;
  /** The client gets the events of a conversation that it started itself, as far as it does not get them anyway. */
  hear(client: Client, conversation: Conversation): Promise<void>;
  /** The client gets the events of a conversation that another one started and that has had a turn. */
  join(client: Client, conversation: Conversation): Promise<void>;
  /** The request that starts a turn. */
  say(conversation: Conversation): Request;
  archive(client: Client, conversation: Conversation): Promise<void>;
  /** Runs a command without a sandbox, as far as the server lets it be chosen. */
  execute(client: Client, command: readonly string[]): Promise<void>;
  /** What is in the messages that carry a piece of the answer, and in no others. */
  readonly delta: string;
  /** What is in the message that ends a turn, and in no others. */
  readonly turnEnd: string;
}
