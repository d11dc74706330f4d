/** What a call came to, the same for every door that it can go through. */
export interface Outcome {
  readonly result: Readonly<Record<string, unknown>> | undefined;
  /** HTTP status; `undefined` where the door has none. */
  readonly status: number | undefined;
  /** JSON-RPC code of an error. */
  readonly code: number | undefined;
  /** The word for programs, `ok` for a success. */
  readonly reason: string;
  readonly message: string;
}

export const succeeded = (result: Record<string, unknown>, status?: number): Outcome => ({
  result,
  status,
  code: undefined,
  reason: 'ok',
  message: '',
});

export const failed = (
  error: { code: number; reason: string; message: string },
  status?: number,
): Outcome => ({
  result: undefined,
  status,
  ...error,
});
