import type { Log } from '../log.ts';
import { ModelError } from '../model/types.ts';
import { isPassing } from './journal.ts';
import { StallError } from './stall-error.ts';

/** What a client is told of a turn that failed. What it cannot do anything about goes to the log. */
export function explainFailure(error: unknown, log: Log, conversationId: string): string {
  if (error instanceof ModelError) return error.message;
  if (error instanceof StallError) return error.message;
  if (isPassing(error)) return `the turn could not be stored: ${error.message}`;
  log.error({ err: error, conversationId }, 'a turn failed');
  return 'internal error: the turn could not go on; the log of the daemon has the cause';
}
