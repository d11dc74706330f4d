export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** Gives the gate of a name, always the same one. */
export type Gates = (name: string) => Gate;

export function createGates(): Gates {
  const gates = new Map<string, Gate>();
  return (name) => {
    const known = gates.get(name);
    if (known) return known;
    const { promise, resolve } = Promise.withResolvers<void>();
    const gate = { opened: promise, open: resolve };
    gates.set(name, gate);
    return gate;
  };
}
