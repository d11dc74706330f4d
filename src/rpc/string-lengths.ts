/** Characters of any text that is not meant to be long (SEC-IN-10). */
export const MAX_STRING = 64 * 1024;

/** What people write, what they attach, and what an earlier conversation consisted of. */
const MAY_BE_LONG = new Set(['text', 'image_url', 'baseInstructions', 'history']);

/** Path of the first string that is longer than it may be. Neither cycles nor deep nesting: the value was JSON. */
export function findLongString(value: unknown, path: readonly string[] = []): readonly string[] | undefined {
  if (typeof value === 'string') return value.length > MAX_STRING ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    if (MAY_BE_LONG.has(name)) continue;
    const found = findLongString(member, [...path, name]);
    if (found) return found;
  }
  return undefined;
}
