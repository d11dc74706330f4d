/** Bytes of the first block; each is twice as large as the one before it, up to the largest. */
const FIRST_BLOCK = 4 * 1024;
const LARGEST_BLOCK = 1024 * 1024;

/** Where a text lies. */
export interface Place {
  readonly block: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Keeps texts one behind the other: of a long conversation that is a few blocks of memory instead of ten thousand objects. */
export class TextBlocks {
  #block = Buffer.alloc(0);
  #used = 0;

  /** Whether as many bytes go right behind the text that was added last. */
  hasRoom(size: number): boolean {
    return this.#used + size <= this.#block.length;
  }

  /** @param size the text's length in bytes */
  add(text: string | Buffer, size: number): Place {
    if (!this.hasRoom(size)) this.#grow(size);
    const start = this.#used;
    this.#used += typeof text === 'string' ? this.#block.write(text, start) : text.copy(this.#block, start);
    return { block: this.#block, start, end: this.#used };
  }

  #grow(needed: number): void {
    const next = Math.min(Math.max(2 * this.#block.length, FIRST_BLOCK), LARGEST_BLOCK);
    this.#block = Buffer.allocUnsafeSlow(Math.max(next, needed));
    this.#used = 0;
  }
}
