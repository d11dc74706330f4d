import { JsonMembers, membersOf } from './json-members.ts';
import type { WireForm } from './wire-text.ts';

/** One outgoing notification. Its params are serialised once, when it is made; each wire form is built from that text. */
export class Frame {
  readonly method: string;
  readonly #eventId: string | undefined;
  readonly #members: JsonMembers;

  constructor(method: string, params: object | JsonMembers, eventId?: string) {
    this.method = method;
    this.#eventId = eventId;
    this.#members = params instanceof JsonMembers ? params : membersOf(params);
  }

  /** Absent for messages that belong to no conversation's log. */
  get eventId(): string | undefined {
    return this.#eventId;
  }

  get params(): unknown {
    return JSON.parse(`{${this.#members.text}}`);
  }

  /** Whether it belongs to an answer, and goes out however long it is. */
  get isAnswer(): boolean {
    return false;
  }

  /** Length of the params as text; what the bounds of logs count. */
  get size(): number {
    return this.#members.length + 2;
  }

  /** JSON-RPC notification, exactly as in the 0.36 protocol; `undefined` for one that it does not have. */
  get plain(): WireForm | undefined {
    return this.#around(`{"jsonrpc":"2.0","method":"${this.method}","params":{`, '}}');
  }

  /** JSON-RPC notification with `params._meta.eventId`. */
  get extended(): WireForm {
    return this.#around(`{"jsonrpc":"2.0","method":"${this.method}","params":{`, `${this.#meta}}}`);
  }

  /** Server-sent event: `id`, `event` the method, `data` the params. */
  get sse(): WireForm {
    const id = this.eventId === undefined ? '' : `id: ${this.eventId}\n`;
    return this.#around(`${id}event: ${this.method}\ndata: {`, `${this.#meta}}\n\n`);
  }

  get #meta(): string {
    const { eventId } = this;
    if (eventId === undefined) return '';
    const separator = this.#members.length === 0 ? '' : ',';
    return `${separator}"_meta":{"eventId":"${eventId}"}`;
  }

  /** What stands around the params is ASCII. */
  #around(before: string, after: string): WireForm {
    const { pieces, size: inner } = this.#members;
    const size = before.length + inner + after.length;
    if (pieces) return { text: [Buffer.from(before), ...pieces, Buffer.from(after)], size };
    return { text: `${before}${this.#members.text}${after}`, size };
  }
}
