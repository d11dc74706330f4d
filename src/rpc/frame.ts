import type { WireText } from './wire-text.ts';

/** One outgoing notification. Its params are serialised once, when it is made; each wire form is built from that text. */
export class Frame {
  readonly method: string;
  /** Absent for messages that belong to no conversation's log. */
  readonly eventId: string | undefined;
  readonly #params: string;

  constructor(method: string, params: object, eventId?: string) {
    this.method = method;
    this.eventId = eventId;
    this.#params = JSON.stringify(params);
  }

  get params(): unknown {
    return JSON.parse(this.#params);
  }

  /** Whether it belongs to an answer, and goes out however long it is. */
  get isAnswer(): boolean {
    return false;
  }

  /** Length of the params as text; what the bounds of logs and outboxes count. */
  get size(): number {
    return this.#params.length;
  }

  /** JSON-RPC notification, exactly as in the 0.36 protocol; `undefined` for one that it does not have. */
  get plain(): WireText | undefined {
    return `{"jsonrpc":"2.0","method":"${this.method}","params":${this.#params}}`;
  }

  /** JSON-RPC notification with `params._meta.eventId`. */
  get extended(): WireText {
    return `{"jsonrpc":"2.0","method":"${this.method}","params":${this.#paramsWithMeta()}}`;
  }

  /** Server-sent event: `id`, `event` the method, `data` the params. */
  get sse(): WireText {
    const id = this.eventId === undefined ? '' : `id: ${this.eventId}\n`;
    return `${id}event: ${this.method}\ndata: ${this.#paramsWithMeta()}\n\n`;
  }

  #paramsWithMeta(): string {
    if (this.eventId === undefined) return this.#params;
    const separator = this.#params === '{}' ? '' : ',';
    return `${this.#params.slice(0, -1)}${separator}"_meta":{"eventId":"${this.eventId}"}}`;
  }
}
