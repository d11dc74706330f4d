import { getSystemErrorMessage } from 'node:util';

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** `No such file or directory (os error 2)`: the form that the clients of the protocol know. */
export function describeSystemError(error: unknown): string {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number')
    return String(error);
  const text = getSystemErrorMessage(error.errno);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)} (os error ${-error.errno})`;
}
