import { ConnectionError, RequestError } from './errors.ts';
import { type Incoming, readMessage } from './incoming.ts';
import { type Endpoint, type Link, openLink } from './link.ts';
import { type Liveness, watchLiveness } from './liveness.ts';

export type ConnectionState = 'connected' | 'reconnecting' | 'closed';

export interface ConnectionOptions {
  /** Asked before every attempt, because a daemon that was started again may be somewhere else. */
  locate(): Promise<Endpoint>;
  /** Becomes part of what model providers are told. */
  readonly clientInfo?: { readonly name: string; readonly version: string } | undefined;
}

export interface ConnectionEvents {
  /** A notification or a request of the daemon. */
  onMessage(message: Exclude<Incoming, { kind: 'answer' }>): void;
  /** A new connection stands in for one that was lost. */
  onReconnected(): void;
  onState(state: ConnectionState): void;
  /** There will be no connection any more. */
  onClosed(error: ConnectionError): void;
}

/** Called at once when the answer comes, before anything that comes after it is looked at. */
export interface Settle {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** For requests of which only the sending matters. */
const IGNORED: Settle = { resolve: () => {}, reject: () => {} };

/** One connection for as long as the client lives: when it is lost it is made anew, with growing pauses. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #pending = new Map<number, Settle>();
  /** Requests that were made while there was no connection. */
  #waiting: (() => void)[] = [];
  #state: ConnectionState = 'reconnecting';
  #link: Link | undefined;
  #liveness: Liveness | undefined;
  #lastId = 0;
  #end = new ConnectionError('closed', 'the client is closed');
  #wake = (): void => {};

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /**
   * Makes the first connection; the later ones come by themselves.
   *
   * @throws {ConnectionError} when it cannot be made
   */
  async open(): Promise<void> {
    let opened: Link | undefined;
    opened = await openLink(await this.#options.locate(), {
      onMessage: (text) => this.#receive(text),
      onClose: (reason) => opened === this.#link && this.#lose(reason),
    });
    if (this.#state === 'closed') {
      opened.close();
      return;
    }
    this.#link = opened;
    this.#liveness = watchLiveness({
      ask: () => this.request('getUserAgent', {}, IGNORED),
      onSilence: () => this.#lose('it has gone silent'),
    });
    const { clientInfo } = this.#options;
    if (clientInfo) this.request('initialize', { clientInfo, capabilities: { eventIds: true } }, IGNORED);
    this.#enter('connected');
    this.#sendWaiting();
  }

  /** Sent as soon as there is a connection. */
  request(method: string, params: object, settle: Settle): void {
    if (this.#state === 'closed') settle.reject(this.#end);
    else if (this.#link) this.#send(this.#link, method, params, settle);
    else this.#waiting.push(() => this.request(method, params, settle));
  }

  #send(link: Link, method: string, params: object, settle: Settle): void {
    this.#lastId += 1;
    this.#pending.set(this.#lastId, settle);
    link.send(JSON.stringify({ jsonrpc: '2.0', id: this.#lastId, method, params }));
  }

  /** What waits is rejected with the error. */
  close(error: ConnectionError = this.#end): void {
    if (this.#state === 'closed') return;
    this.#end = error;
    this.#enter('closed');
    this.#liveness?.stop();
    this.#link?.close();
    this.#rejectPending(error);
    this.#sendWaiting();
    this.#wake();
    this.#events.onClosed(error);
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#events.onState(state);
  }

  #sendWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const send of waiting) send();
  }

  #receive(text: string): void {
    this.#liveness?.heard();
    const message = readMessage(text);
    if (message.kind === 'answer') this.#settle(message);
    else this.#events.onMessage(message);
  }

  #settle({ id, result, error }: Extract<Incoming, { kind: 'answer' }>): void {
    const settle = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) settle?.reject(new RequestError(error));
    else settle?.resolve(result);
  }

  #rejectPending(error: ConnectionError): void {
    const settles = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of settles) reject(error);
  }

  #lose(reason: string): void {
    const lost = this.#link;
    this.#link = undefined;
    this.#liveness?.stop();
    if (this.#state === 'closed') return;
    lost?.close();
    this.#enter('reconnecting');
    this.#rejectPending(new ConnectionError('lost', `the connection to codexd was lost: ${reason}`));
    void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await this.#sleep(pause * (0.5 + Math.random() / 2));
      if (this.#state !== 'reconnecting') return;
      try {
        await this.open();
        this.#events.onReconnected();
        return;
      } catch (error) {
        // A daemon may be away for long, but one that refuses will go on to do so.
        if (error instanceof ConnectionError && error.fault === 'refused') this.close(error);
      }
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
