import type { ErrorObject } from '../protocol/errors.ts';

export type Incoming =
  | { kind: 'answer'; id: number; result: unknown; error: ErrorObject | undefined }
  | { kind: 'request' | 'notification'; method: string; params: Readonly<Record<string, unknown>> };

/** A message of the daemon, which keeps to its protocol. */
export function readMessage(text: string): Incoming {
  const { id, method, params, result, error } = JSON.parse(text);
  if (typeof method !== 'string') return { kind: 'answer', id, result, error };
  return { kind: id === undefined ? 'notification' : 'request', method, params: params ?? {} };
}
