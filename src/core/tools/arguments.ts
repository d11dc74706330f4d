import { parse } from 'secure-json-parse';
import { z } from 'zod';

/** What the model is told when a call's arguments do not fit. */
export class ArgumentsError extends Error {
  constructor(detail: string) {
    super(`failed to parse function arguments: ${detail}`);
    this.name = 'ArgumentsError';
  }
}

/** Arguments text of a call -> checked value. Throws `ArgumentsError`. */
export function parseArguments<S extends z.ZodType>(schema: S, text: string): z.infer<S> {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new ArgumentsError(error instanceof Error ? error.message : 'not JSON');
  }
  const checked = schema.safeParse(value);
  if (!checked.success) throw new ArgumentsError(z.prettifyError(checked.error));
  return checked.data;
}
