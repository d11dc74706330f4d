import { setImmediate } from 'node:timers/promises';

/** Longest time in ms for which long pieces of work, all together, keep everything else waiting. */
const STRETCH_MS = 5;

let since = performance.now();
let nextTurn: Promise<void> | undefined;

async function otherWork(): Promise<void> {
  await setImmediate();
  since = performance.now();
  nextTurn = undefined;
}

/**
 * To be called between two steps of a long piece of work: when it returns a promise, await it before the next step, so
 * that others get their turn.
 */
export function pause(): Promise<void> | undefined {
  if (performance.now() - since < STRETCH_MS) return undefined;
  nextTurn ??= otherWork();
  return nextTurn;
}
