/** A failure that the person at the command line can mend: the message is shown as it stands, without a stack. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}

/** The `code` of a system error (`ENOENT`), `undefined` for anything else that was thrown. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
