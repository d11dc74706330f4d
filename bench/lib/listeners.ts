/** Those who want each message, in the order in which they came. */
export interface Listeners {
  readonly listen: (take: (message: Buffer) => void) => () => void;
  readonly tell: (message: Buffer) => void;
}

export function createListeners(): Listeners {
  const listening = new Set<(message: Buffer) => void>();
  return {
    listen(take) {
      listening.add(take);
      return () => listening.delete(take);
    },
    tell(message) {
      for (const take of listening) take(message);
    },
  };
}
