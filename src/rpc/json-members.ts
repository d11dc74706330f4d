/** The members of an object as JSON text, without its braces, so that more can be put behind them. */
export class JsonMembers {
  readonly text: string;
  /** In bytes of UTF-8. */
  readonly size: number;

  constructor(text: string, size: number = Buffer.byteLength(text)) {
    this.text = text;
    this.size = size;
  }

  static of(value: object): JsonMembers {
    return new JsonMembers(JSON.stringify(value).slice(1, -1));
  }
}
