import { Frame } from './frame.ts';
import { type WireForm, wireForm } from './wire-text.ts';

/**
 * A request of the server, shown to any number of clients. On a connection it is a JSON-RPC request; an event stream,
 * which cannot answer, is shown the same params as an event and answers by another way.
 */
export class RequestFrame extends Frame {
  readonly #requestId: number;
  readonly #params: object;
  readonly #meta: object;

  constructor(requestId: number, method: string, params: object, meta: object) {
    super(method, { ...params, _meta: meta });
    this.#requestId = requestId;
    this.#params = params;
    this.#meta = meta;
  }

  override get plain(): WireForm {
    return this.#request(this.#params);
  }

  override get extended(): WireForm {
    return this.#request({ ...this.#params, _meta: this.#meta });
  }

  #request(params: object): WireForm {
    return wireForm(JSON.stringify({ jsonrpc: '2.0', id: this.#requestId, method: this.method, params }));
  }
}
