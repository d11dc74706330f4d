import { readRegularFile } from './read-text.ts';
import { resolveTarget } from './resolve-path.ts';

/** What stood at a path at one moment. */
export interface Snapshot {
  /** Absolute. */
  readonly path: string;
  /** The file behind all links, existing or not; `undefined` when the links lead nowhere definite. */
  readonly target: string | undefined;
  /** The file's bytes, or why there are none. */
  readonly content: { readonly bytes: Buffer } | { readonly error: unknown };
}

export async function takeSnapshot(path: string): Promise<Snapshot> {
  const target = await resolveTarget(path).catch(() => undefined);
  try {
    return { path, target, content: { bytes: await readRegularFile(path) } };
  } catch (error) {
    return { path, target, content: { error } };
  }
}

/** Whether the path still leads to the same file with the same bytes, or still to none. */
export function isSameSnapshot(one: Snapshot, other: Snapshot): boolean {
  if (one.target !== other.target) return false;
  const [before, after] = [one.content, other.content];
  if ('bytes' in before && 'bytes' in after) return before.bytes.equals(after.bytes);
  return 'bytes' in before === 'bytes' in after;
}
