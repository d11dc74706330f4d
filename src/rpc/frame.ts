/**
 * One outgoing notification. Its params are serialised once, when it is made; each wire form is built from that text
 * at most once, whatever the number of clients.
 */
export class Frame {
  readonly method: string;
  /** Absent for messages that belong to no conversation's log. */
  readonly eventId: string | undefined;
  readonly #params: string;
  #plain: Buffer | undefined;
  #extended: Buffer | undefined;
  #sse: Buffer | undefined;

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
  get plain(): Buffer | undefined {
    this.#plain ??= Buffer.from(`{"jsonrpc":"2.0","method":"${this.method}","params":${this.#params}}`);
    return this.#plain;
  }

  /** JSON-RPC notification with `params._meta.eventId`. */
  get extended(): Buffer {
    this.#extended ??= Buffer.from(
      `{"jsonrpc":"2.0","method":"${this.method}","params":${this.#paramsWithMeta()}}`,
    );
    return this.#extended;
  }

  /** Server-sent event: `id`, `event` the method, `data` the params. */
  get sse(): Buffer {
    const id = this.eventId === undefined ? '' : `id: ${this.eventId}\n`;
    this.#sse ??= Buffer.from(`${id}event: ${this.method}\ndata: ${this.#paramsWithMeta()}\n\n`);
    return this.#sse;
  }

  #paramsWithMeta(): string {
    if (this.eventId === undefined) return this.#params;
    const separator = this.#params === '{}' ? '' : ',';
    return `${this.#params.slice(0, -1)}${separator}"_meta":{"eventId":"${this.eventId}"}}`;
  }
}
