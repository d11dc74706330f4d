/** The members of an object as JSON text, without its braces, so that more can be put behind them. */
export abstract class JsonMembers {
  abstract readonly text: string;
  /** Characters of the text. */
  abstract readonly length: number;
  /** Bytes of the text in UTF-8. */
  abstract readonly size: number;
  /** A long text as the pieces of its UTF-8 bytes, which everybody who is sent it shares. */
  readonly pieces: readonly Buffer[] | undefined;
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

  /**
   * @param piece the text as JSON
   * @param size its bytes in UTF-8
   */
  constructor(around: Surroundings, piece: string, size: number) {
    super();
    this.#around = around;
    this.#piece = piece;
    this.size = around.size + size;
  }

  get text(): string {
    const { before, after } = this.#around;
    return `${before}${this.#piece}${after}`;
  }

  get length(): number {
    return this.#around.before.length + this.#piece.length + this.#around.after.length;
  }
}

/** Members among which there are long texts. */
export class LongMembers extends JsonMembers {
  override readonly pieces: readonly Buffer[];
  readonly size: number;

  constructor(pieces: readonly Buffer[]) {
    super();
    this.pieces = pieces;
    this.size = pieces.reduce((sum, { length }) => sum + length, 0);
  }

  get text(): string {
    return Buffer.concat(this.pieces).toString();
  }

  /** In bytes: nobody counts the characters of so much. */
  get length(): number {
    return this.size;
  }
}
