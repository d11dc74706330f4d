import type { Frame } from './frame.ts';

export interface ClientInfo {
  name: string;
  version: string;
}

/** One client as the handlers see it: a connection, or a single HTTP request. */
export interface Client {
  readonly id: string;
  /** `connection` stays and receives; `request` ends with its answer. */
  readonly kind: 'connection' | 'request';
  readonly transport: 'websocket' | 'http' | 'sse';
  readonly connectedAt: Date;
  /** Bytes that wait for the client to read them. */
  readonly queuedBytes: number;
  /** Set by `initialize`. */
  info: ClientInfo | undefined;
  /** Whether `initialize` has been called. */
  initialized: boolean;
  /**
   * Whether messages carry codexd's additions to protocol v1 (`_meta`, error `data`). Off for clients that complete
   * the handshake of the 0.36 protocol, which then get exactly the messages that they know.
   */
  extensions: boolean;
  /**
   * Puts a frame into the client's outbox. Never waits and never throws; a client past its bound is closed, which what is
   * `replayed`, because the client asked for it, does not count for.
   */
  deliver(frame: Frame, replayed?: boolean): void;
  /** The same of frames that come together, for those who make less work of that. */
  deliverAll?(frames: readonly Frame[]): void;
  /** Aborted when nobody waits for the answer any more; only `request` clients have it. */
  whenGone?(): AbortSignal;
}
