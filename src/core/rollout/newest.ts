import { parseRolloutName, type RolloutName } from './path.ts';

/** A file in a directory that both know. */
export interface NamedFile extends RolloutName {
  readonly fileName: string;
}

/** Where a list goes on: after this file, which need not exist. */
export type Cursor = RolloutName | undefined;

/** Above 0 when `a` comes after `b` in a list: earlier timestamp first, then smaller UUID. */
export function compareNames(a: RolloutName, b: RolloutName): number {
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? 1 : -1;
  if (a.id !== b.id) return a.id < b.id ? 1 : -1;
  return 0;
}

/** True when `a` comes before `b` in a list: later timestamp first, then greater UUID. */
export const precedes = (a: RolloutName, b: RolloutName): boolean => compareNames(a, b) < 0;

export interface NewestFiles {
  add(fileName: string): void;
  /** In the order of a list. */
  take(): { readonly names: readonly NamedFile[]; readonly isWhole: boolean };
}

const PREFIX = 'rollout-';
const TIMESTAMP_END = PREFIX.length + 'YYYY-MM-DDTHH-MM-SS'.length;

/**
 * Of any number of file names keeps the `limit` that come first after the cursor, and at most twice as many meanwhile.
 * Names that are no rollout's are passed over. Most are decided by their timestamp alone, before they are parsed.
 */
export function newestFiles(limit: number, after: Cursor): NewestFiles {
  let kept: NamedFile[] = [];
  let isWhole = true;
  let oldest = '';
  const latest = after?.timestamp ?? '\uffff';

  const trim = (): void => {
    kept.sort(compareNames);
    if (kept.length <= limit) return;
    kept = kept.slice(0, limit);
    isWhole = false;
    oldest = kept.at(-1)?.timestamp ?? '';
  };
  return {
    add(fileName) {
      if (!fileName.startsWith(PREFIX)) return;
      const timestamp = fileName.slice(PREFIX.length, TIMESTAMP_END);
      if (timestamp < oldest || timestamp > latest) return;
      const name = parseRolloutName(fileName);
      if (name === undefined || (after !== undefined && !precedes(after, name))) return;
      kept.push({ ...name, fileName });
      if (kept.length >= 2 * limit) trim();
    },
    take() {
      trim();
      return { names: kept, isWhole };
    },
  };
}
