import type { AuthManager } from '../core/auth/auth-manager.ts';
import type { Hub } from '../rpc/hub.ts';

/** Tells every client of logins and logouts, whoever made them. Returns what stops it. */
export function announceAuth(auth: AuthManager, hub: Hub): () => void {
  // Not before the next turn of the event loop: the client that caused the news first gets its answer.
  const broadcast = (method: string, params: object): void => {
    setImmediate(() => hub.broadcast(method, params));
  };
  const stopChanges = auth.changes.on(({ cause, identity }) => {
    // A refresh of our own leaves everybody signed in as before; the reference keeps silent about it, too.
    if (cause === 'refresh') return;
    const { method } = identity;
    broadcast('authStatusChange', method === undefined ? {} : { authMethod: method });
  });
  const stopOutcomes = auth.loginOutcomes.on((outcome) => broadcast('loginChatGptComplete', outcome));
  return () => {
    stopChanges();
    stopOutcomes();
  };
}
