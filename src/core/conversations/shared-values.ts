import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';

/** Keeps values that are equal once in memory. They must never be changed. */
export interface SharedValues {
  /** The same value, or an equal one that was there before; so each of its members. */
  share<T extends object>(value: T): T;
}

export function createSharedValues(): SharedValues {
  const known = new Map<string, unknown>();

  function shareWhole<T>(value: T): T {
    const key = createHash('sha256').update(serialize(value)).digest('base64');
    if (!known.has(key)) known.set(key, value);
    return known.get(key) as T;
  }

  const shareMember = (value: unknown): unknown =>
    typeof value === 'object' || typeof value === 'string' ? shareWhole(value) : value;

  return {
    share(value) {
      if (Array.isArray(value)) return shareWhole(value.map(shareMember) as unknown as typeof value);
      const members = Object.entries(value).map(([name, member]) => [name, shareMember(member)]);
      return shareWhole(Object.fromEntries(members));
    },
  };
}
