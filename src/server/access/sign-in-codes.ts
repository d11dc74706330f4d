import { randomBytes } from 'node:crypto';
import { digest } from './digest.ts';

/** Milliseconds that a code is good for. */
export const CODE_LIFETIME = 60_000;
/** Beyond it the oldest code ends. */
const MAX_CODES = 5;
/** Used codes that are remembered, to tell a second use from a wrong code. */
const MAX_USED = 64;

/** What came of a code that a browser brought. */
export type Redemption = 'good' | 'unknown' | 'used';

/** Single-use codes that hand a browser its session without showing it the token (SEC-TOK-6). */
export interface SignInCodes {
  /** @returns `cdx_` and 30 random bytes, base64url: of the shape that the log's filter takes for a secret */
  mint(): string;
  redeem(code: string): Redemption;
  clear(): void;
}

/** @param now milliseconds of a clock that only goes forward */
export function createSignInCodes(now: () => number = () => performance.now()): SignInCodes {
  /** Time of minting by digest, oldest first. */
  const outstanding = new Map<string, number>();
  const used = new Set<string>();
  return {
    mint() {
      const code = `cdx_${randomBytes(30).toString('base64url')}`;
      outstanding.set(keyOf(code), now());
      dropBeyond(outstanding, MAX_CODES);
      return code;
    },
    redeem(code) {
      const key = keyOf(code);
      if (used.has(key)) return 'used';
      const minted = outstanding.get(key);
      if (minted === undefined) return 'unknown';
      outstanding.delete(key);
      if (now() - minted > CODE_LIFETIME) return 'unknown';
      used.add(key);
      dropBeyond(used, MAX_USED);
      return 'good';
    },
    clear() {
      outstanding.clear();
    },
  };
}

const keyOf = (code: string): string => digest(code).toString('base64');

function dropBeyond(entries: Map<string, unknown> | Set<string>, most: number): void {
  const [oldest] = entries.keys();
  if (entries.size > most && oldest !== undefined) entries.delete(oldest);
}
