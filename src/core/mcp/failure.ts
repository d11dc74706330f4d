import { z } from 'zod';

/** A server is not there to be called. The message says why, in words that users and models may see. */
export class ServerDownError extends Error {
  override readonly name = 'ServerDownError';
}

/** One line on what went wrong. */
export function reasonOf(error: unknown): string {
  if (error instanceof z.core.$ZodError) {
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
