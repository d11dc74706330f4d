import { Frame } from './frame.ts';
import { fillList, type TextList } from './long-result.ts';
import { type WireForm, wireForm } from './wire-text.ts';

/** A notification that one client gets because of what it asked, before the answer itself. It has a long list. */
export class AnswerFrame extends Frame {
  readonly #params: readonly Buffer[];

  /** @param params with an empty list, which is filled */
  constructor(method: string, params: object, list: TextList) {
    super(method, params);
    this.#params = fillList(params, list);
  }

  override get params(): unknown {
    return JSON.parse(this.#params.join(''));
  }

  override get size(): number {
    return this.#params.reduce((sum, { length }) => sum + length, 0);
  }

  override get plain(): WireForm {
    const head = `{"jsonrpc":"2.0","method":"${this.method}","params":`;
    return wireForm([Buffer.from(head), ...this.#params, Buffer.from('}')]);
  }

  /** It has no id that could be told. */
  override get extended(): WireForm {
    return this.plain;
  }

  override get sse(): WireForm {
    return wireForm([Buffer.from(`event: ${this.method}\ndata: `), ...this.#params, Buffer.from('\n\n')]);
  }

  override get isAnswer(): true {
    return true;
  }
}
