import { type Override, parseOverride } from '../core/config/overrides.ts';
import { UsageError } from './usage-error.ts';

/**
 * What `-c` was given.
 *
 * @throws {UsageError} for what is no `key=value`
 */
export function parseOverrides(texts: readonly string[]): Override[] {
  try {
    return texts.map(parseOverride);
  } catch (error) {
    throw new UsageError(`-c: ${(error as Error).message}`, { cause: error });
  }
}
