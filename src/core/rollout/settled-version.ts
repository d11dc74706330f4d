import type { BigIntStats } from 'node:fs';

/**
 * What changed less than this before it was looked at, in ms, may change again without a change of its time: the clocks
 * of file systems tick every few milliseconds, those of old ones every 2 seconds.
 */
const SETTLED_AFTER_MS = 2_500;

export interface Version {
  /** Differs after every change, if that was not in the same tick of the clock. */
  readonly version: string;
  readonly isSettled: boolean;
}

export function versionOf({ dev, ino, size, mtimeNs, ctimeNs, ctimeMs }: BigIntStats): Version {
  const isSettled = Date.now() - Number(ctimeMs) > SETTLED_AFTER_MS;
  return { version: [dev, ino, size, mtimeNs, ctimeNs].join(':'), isSettled };
}
