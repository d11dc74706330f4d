/** The members of an object as JSON text, without its braces, so that more can be put behind them. */
export abstract class JsonMembers {
  abstract readonly text: string;
  /** Characters of the text. */
  abstract readonly length: number;
  /** Bytes of the text in UTF-8. */
  abstract readonly size: number;
}

class WholeMembers extends JsonMembers {
  readonly text: string;
  readonly size: number;

  constructor(text: string) {
    super();
    this.text = text;
    this.size = Buffer.byteLength(text);
  }

  get length(): number {
    return this.text.length;
  }
}

export const membersOf = (value: object): JsonMembers => new WholeMembers(JSON.stringify(value).slice(1, -1));

/** What stands around a piece of text in the members of many objects. */
export interface Surroundings {
  readonly before: string;
  readonly after: string;
  /** Bytes of both in UTF-8. */
  readonly size: number;
}

/** Members that have one text of their own; the rest is shared. */
export class PieceMembers extends JsonMembers {
  readonly #around: Surroundings;
  readonly #piece: string;
  readonly size: number;

  constructor(around: Surroundings, text: string) {
    super();
    this.#around = around;
    this.#piece = JSON.stringify(text);
    this.size = around.size + Buffer.byteLength(this.#piece);
  }

  get text(): string {
    const { before, after } = this.#around;
    return `${before}${this.#piece}${after}`;
  }

  get length(): number {
    return this.#around.before.length + this.#piece.length + this.#around.after.length;
  }
}
