import { randomBytes } from 'node:crypto';
import type { Access } from './access.ts';
import { digest } from './digest.ts';

/** Milliseconds that a browser stays signed in. */
export const SESSION_LIFETIME = 7 * 24 * 60 * 60 * 1_000;
/** Nobody has so many browsers; beyond it the oldest session ends. */
const MAX_SESSIONS = 256;

/** The browsers that are signed in. Only digests of their ids are kept, in memory, so that a restart signs all out. */
export interface Sessions {
  /** @returns the id for the cookie: `cdx_` and 32 random bytes, base64url */
  open(): string;
  present(id: string): Access | undefined;
  /** Ends what the session opened, too. */
  close(id: string): void;
  closeAll(): void;
}

interface Session {
  readonly access: Access;
  readonly end: () => void;
}

/** @param lifetime milliseconds */
export function createSessions(lifetime: number = SESSION_LIFETIME): Sessions {
  const sessions = new Map<string, Session>();

  function end(key: string): void {
    const session = sessions.get(key);
    sessions.delete(key);
    session?.end();
  }

  return {
    open() {
      const id = `cdx_${randomBytes(32).toString('base64url')}`;
      const key = keyOf(id);
      sessions.set(
        key,
        startSession(lifetime, () => end(key)),
      );
      const [oldest] = sessions.keys();
      if (sessions.size > MAX_SESSIONS && oldest !== undefined) end(oldest);
      return id;
    },
    present: (id) => sessions.get(keyOf(id))?.access,
    close: (id) => end(keyOf(id)),
    closeAll() {
      for (const key of [...sessions.keys()]) end(key);
    },
  };
}

/** Found by its digest, an id cannot be guessed piece by piece from the time that the search takes. */
const keyOf = (id: string): string => digest(id).toString('base64');

function startSession(lifetime: number, onExpiry: () => void): Session {
  const controller = new AbortController();
  const timer = setTimeout(onExpiry, lifetime).unref();
  return {
    access: { via: 'session', ended: controller.signal },
    end() {
      clearTimeout(timer);
      controller.abort();
    },
  };
}
