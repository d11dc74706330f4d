import type { ReviewDecision } from '../../../src/protocol/vocabulary/policies.ts';
import type { Place } from './stored-files.ts';

/** How a turn goes that an input starts: to its end at once, held by the model, or asking for consent. */
export type Course = 'end' | 'hold' | 'ask';

/** What a client does to a conversation. `release` is the model's part: it lets a held answer go on. */
export type Operation =
  | { readonly kind: 'get' | 'interrupt' | 'listen' | 'release' }
  | { readonly kind: 'list'; readonly archived: boolean }
  | { readonly kind: 'resume'; readonly file: Place | 'copy' }
  | { readonly kind: 'archive'; readonly path: 'own' | 'config' }
  | { readonly kind: 'unarchive'; readonly by: 'id' | 'path' }
  | { readonly kind: 'say'; readonly course: Course; readonly as: 'message' | 'turn' }
  /** Counts the listeners that were ever attached. */
  | { readonly kind: 'unlisten'; readonly listener: number }
  | { readonly kind: 'answer'; readonly decision: ReviewDecision };

/** An operation, and who does it. */
export interface Act {
  readonly operation: Operation;
  /** Index of the client. */
  readonly caller: number;
  /** What is said, if something is: different each time. */
  readonly text: string;
}

/** As a counterexample shows it. */
export function describeOperation(operation: Operation): string {
  return Object.values(operation).join(' ');
}
