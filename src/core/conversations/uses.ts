/** Counts who works with something just now, by its key. */
export interface Uses {
  /** Returns what ends this use; to be called once. */
  begin(key: string): () => void;
  has(key: string): boolean;
}

export function createUses(): Uses {
  const counts = new Map<string, number>();
  return {
    begin(key) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return () => {
        const left = (counts.get(key) ?? 1) - 1;
        if (left > 0) counts.set(key, left);
        else counts.delete(key);
      };
    },
    has: (key) => counts.has(key),
  };
}
