import { Frame } from './frame.ts';
import { fillList, type TextList } from './long-result.ts';

/** A notification that one client gets because of what it asked, before the answer itself. It has a long list. */
export class AnswerFrame extends Frame {
  readonly #params: readonly Buffer[];
  /** The notification, in pieces. */
  readonly pieces: readonly Buffer[];

  /** @param params with an empty list, which is filled */
  constructor(method: string, params: object, list: TextList) {
    super(method, params);
    this.#params = fillList(params, list);
    const head = `{"jsonrpc":"2.0","method":"${method}","params":`;
    this.pieces = [Buffer.from(head), ...this.#params, Buffer.from('}')];
  }

  override get params(): unknown {
    return JSON.parse(this.#params.join(''));
  }

  override get size(): number {
    return this.#params.reduce((sum, { length }) => sum + length, 0);
  }

  override get plain(): Buffer {
    return Buffer.concat(this.pieces);
  }

  /** It has no id that could be told. */
  override get extended(): Buffer {
    return this.plain;
  }

  override get sse(): Buffer {
    return Buffer.concat([
      Buffer.from(`event: ${this.method}\ndata: `),
      ...this.#params,
      Buffer.from('\n\n'),
    ]);
  }

  override get isAnswer(): true {
    return true;
  }
}
