/** What carries whole messages between one client and a server, as bytes: hot loops do not parse what they only count. */
export interface Wire {
  /** The bytes that carry a text. */
  encode(text: string): Buffer;
  /** Sends encoded texts; those of one turn of the event loop leave in one write. */
  write(bytes: Buffer): void;
  /** Calls with each message from now on, until the returned function is called. */
  listen(take: (message: Buffer) => void): () => void;
  /** Settles when nothing more can come. */
  readonly ended: Promise<Error>;
  close(): void;
}
