/** A whole message as it is sent; a long one in pieces of its UTF-8 bytes. */
export type WireText = string | readonly Buffer[];

/** In bytes. */
export const sizeOfText = (text: WireText): number =>
  typeof text === 'string' ? Buffer.byteLength(text) : text.reduce((sum, { length }) => sum + length, 0);
