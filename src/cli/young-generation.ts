import { setFlagsFromString } from 'node:v8';

let mayGrow = true;

/**
 * Whether V8 gives more room to young objects when many of them stay. What a start makes is mostly there to stay: more
 * room for it would only be idle memory. V8 takes compiled code, that of Node's own modules included, only under the
 * flags that it was compiled under; Node's was compiled while this is true.
 */
export function youngMayGrow(may: boolean): void {
  if (may === mayGrow) return;
  mayGrow = may;
  setFlagsFromString(`--semi-space-growth-factor=${may ? 2 : 1}`);
}

/** Runs `action` while young objects may or may not get more room; what held before holds again. */
export function whileYoungMayGrow<T>(may: boolean, action: () => T): T {
  const before = mayGrow;
  youngMayGrow(may);
  try {
    return action();
  } finally {
    youngMayGrow(before);
  }
}
