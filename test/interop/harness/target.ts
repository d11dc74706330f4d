/** A JSON-RPC message as it came. */
export interface Message {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** What became of a request. */
export type Reply =
  | { readonly result: unknown }
  | { readonly error: unknown }
  /** Nothing came within the request's patience. */
  | { readonly noAnswer: true };

/** Gives the `result` for a request of the server; `undefined` leaves it unanswered. */
export type ServerRequestHandler = (request: Message) => unknown | Promise<unknown>;

/** Where a target runs. */
export interface Place {
  /** `CODEX_HOME`. */
  readonly home: string;
  readonly cwd: string;
  /** The whole environment, nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
}

/** A server of the protocol, seen through one initialized connection. */
export interface Target {
  /** The answer to `initialize`. */
  readonly welcome: Reply;
  /** Everything received so far, answers included. */
  readonly messages: readonly Message[];
  /** `patience` in milliseconds, 10 000 by default. */
  request(method: string, params?: unknown, patience?: number): Promise<Reply>;
  notify(method: string, params?: unknown): void;
  /** Sends a text that need not be JSON. */
  sendText(text: string): void;
  onServerRequest(handler: ServerRequestHandler): void;
  /** The first message from `from` on that matches; its index tells where to go on. Rejects after `patience` ms. */
  waitFor(
    matches: (message: Message) => boolean,
    options: { readonly from: number; readonly patience: number; readonly what: string },
  ): Promise<{ readonly message: Message; readonly index: number }>;
  stop(): Promise<void>;
}

/** Starts a target and does the handshake of a Codex 0.36 client. */
export type StartTarget = (place: Place) => Promise<Target>;
