/** The longest delay that a Node.js timer can hold; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function toTimerMs(configured: number): number {
  return Math.min(configured, MAX_TIMER_MS);
}
