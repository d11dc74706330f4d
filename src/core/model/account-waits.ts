import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Credential } from './types.ts';

/** Until when providers want no requests of an account, for all conversations of it (REL-MS-7). */
export interface AccountWaits {
  /** The provider has asked for a wait. */
  note(account: string, waitMs: number): void;
  /**
   * Resolves when the account may ask again; `true` when that took time, in which its credential may have changed.
   * @throws the reason of the signal
   */
  over(account: string, signal: AbortSignal): Promise<boolean>;
}

export function createAccountWaits(): AccountWaits {
  const until = new Map<string, number>();
  return {
    note(account, waitMs) {
      const end = performance.now() + waitMs;
      until.set(account, Math.max(end, until.get(account) ?? 0));
    },
    async over(account, signal) {
      let hasWaited = false;
      for (;;) {
        const waitMs = (until.get(account) ?? 0) - performance.now();
        if (waitMs <= 0) break;
        hasWaited = true;
        await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
      until.delete(account);
      return hasWaited;
    },
  };
}

/** The one that a request is counted for; without its secret. */
export function accountOf(url: URL, credential: Credential | undefined): string {
  const who = credential?.mode === 'chatgpt' ? credential.accountId : undefined;
  const id =
    who ??
    createHash('sha256')
      .update(credential?.token ?? '')
      .digest('base64');
  return `${url.origin} ${id}`;
}
