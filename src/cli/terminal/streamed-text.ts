/** A text that comes in pieces and then, once more, as a whole. */
export interface StreamedText {
  piece(text: string): void;
  whole(text: string): void;
}

/** Writes it once. Who joins in the middle has seen a part only, and is shown the whole after it. */
export function createStreamedText(write: (text: string) => void, endLine: () => void): StreamedText {
  let seen = '';
  return {
    piece(text) {
      seen += text;
      write(text);
    },
    whole(text) {
      if (seen !== text) {
        endLine();
        write(text);
      }
      seen = '';
      endLine();
    },
  };
}
