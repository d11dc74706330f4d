import type { z } from 'zod';
import type { AuthManager } from '../core/auth/auth-manager.ts';
import type { Identity } from '../core/auth/identity.ts';
import type { authStatusChange } from '../protocol/v1/notifications.ts';
import type { Hub } from '../rpc/hub.ts';

/** Tells every client of logins and logouts, whoever made them. Returns what stops it. */
export function announceAuth(auth: AuthManager, hub: Hub): () => void {
  // Not before the next turn of the event loop: the client that caused the news first gets its answer.
  const broadcast = (method: string, params: object): void => {
    setImmediate(() => hub.broadcast(method, params));
  };
  let wasLost = false;
  const stopChanges = auth.changes.on(({ cause, identity }) => {
    // A refresh of our own leaves everybody signed in as before; the reference keeps silent about it, too.
    const isSilent = cause === 'refresh' && !wasLost;
    wasLost = identity.isLost;
    if (!isSilent) broadcast('authStatusChange', statusChange(identity));
  });
  const stopOutcomes = auth.loginOutcomes.on((outcome) => broadcast('loginChatGptComplete', outcome));
  return () => {
    stopChanges();
    stopOutcomes();
  };
}

function statusChange({ method, isLost }: Identity): z.infer<typeof authStatusChange.params> {
  if (isLost) return { reason: 'refresh_token_reused' };
  return method === undefined ? {} : { authMethod: method };
}
