import { timingSafeEqual } from 'node:crypto';
import type { Access } from './access.ts';
import { digest } from './digest.ts';

/** The bearer token as it is at this moment. */
export interface LiveToken {
  /** @returns the access that the candidate gives, `undefined` when it is not the token */
  present(candidate: string): Access | undefined;
  /** Ends what the earlier token opened. `undefined`: no token is good until there is another one. */
  replace(value: string | undefined): void;
}

interface Current {
  readonly digest: Buffer | undefined;
  readonly end: AbortController;
  readonly access: Access;
}

export function createLiveToken(value: string): LiveToken {
  let current = accept(value);
  return {
    present(candidate) {
      const presented = digest(candidate);
      if (current.digest === undefined) return undefined;
      return timingSafeEqual(presented, current.digest) ? current.access : undefined;
    },
    replace(next) {
      const { end } = current;
      current = accept(next);
      end.abort();
    },
  };
}

function accept(value: string | undefined): Current {
  const end = new AbortController();
  const expected = value === undefined ? undefined : digest(value);
  return { digest: expected, end, access: { via: 'token', ended: end.signal } };
}
