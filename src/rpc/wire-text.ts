/** A whole message as it is sent; a long one in pieces of its UTF-8 bytes. */
export type WireText = string | readonly Buffer[];

/** A message, and how many bytes it has. */
export interface WireForm {
  readonly text: WireText;
  readonly size: number;
}

export const wireForm = (text: WireText): WireForm => ({
  text,
  size:
    typeof text === 'string' ? Buffer.byteLength(text) : text.reduce((sum, { length }) => sum + length, 0),
});
