/**
 * A patch that cannot be applied, found out before any file is touched. The message is what the model is told, in the
 * words of protocol-v1, section 12, without the leading `error: `, which belongs to the tool's output.
 */
export class PatchError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'PatchError';
  }
}
