/** The issuer gave no tokens. The message is fit to be shown: it quotes neither what was sent nor what came back. */
export class IssuerError extends Error {
  override readonly name = 'IssuerError';
  /** Whether asking again with the same token is pointless. */
  readonly refused: boolean;
  /** `403 Forbidden`; absent when there was no answer or one that could not be used. */
  readonly status: string | undefined;

  constructor(message: string, options: { refused: boolean; status?: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.refused = options.refused;
    this.status = options.status;
  }
}
