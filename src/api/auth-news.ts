import type { z } from 'zod';
import type { AuthManager } from '../core/auth/auth-manager.ts';
import type { Identity } from '../core/auth/identity.ts';
import type { authStatusChange } from '../protocol/v1/notifications.ts';
import { ExtensionFrame } from '../rpc/extension-frame.ts';
import { Frame } from '../rpc/frame.ts';
import type { Hub } from '../rpc/hub.ts';

/** Tells every client of logins and logouts, whoever made them. Returns what stops it. */
export function announceAuth(auth: AuthManager, hub: Hub): () => void {
  // Not before the next turn of the event loop: the client that caused the news first gets its answer.
  const broadcast = (frame: Frame): void => {
    setImmediate(() => hub.broadcast(frame));
  };
  let wasLost = false;
  const stopChanges = auth.changes.on(({ cause, identity }) => {
    // A refresh of our own leaves everybody signed in as before, and clients of 0.36 hear of none, as from the reference.
    const isSilent = cause === 'refresh' && !wasLost;
    const isExtension = cause === 'refresh' || cause === 'refused';
    wasLost = identity.isLost;
    if (isSilent) return;
    const Notification = isExtension ? ExtensionFrame : Frame;
    broadcast(new Notification('authStatusChange', statusChange(identity)));
  });
  const stopOutcomes = auth.loginOutcomes.on((outcome) =>
    broadcast(new Frame('loginChatGptComplete', outcome)),
  );
  return () => {
    stopChanges();
    stopOutcomes();
  };
}

function statusChange({ method, isLost }: Identity): z.infer<typeof authStatusChange.params> {
  if (isLost) return { reason: 'refresh_token_reused' };
  return method === undefined ? {} : { authMethod: method };
}
