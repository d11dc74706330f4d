import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { Config } from '../config/types.ts';
import type { Conversation } from './conversation.ts';
import type { Progress } from './progress.ts';
import { createSharedValues } from './shared-values.ts';

/** What a conversation was, beyond what its file says. */
export interface Unloaded {
  readonly rolloutPath: string;
  readonly config: Config;
  readonly userAgent: string;
  readonly opening: readonly ResponseItem[];
  readonly progress: Progress;
}

/** Conversations that were taken out of memory and come back, as they were, when somebody asks for them. */
export interface UnloadedConversations {
  keep(conversation: Conversation): void;
  get(id: string): Unloaded | undefined;
  forget(id: string): void;
  readonly count: number;
}

/** There may be very many, and most have the same settings as others: one of them takes less than a kilobyte. */
export function createUnloadedConversations(): UnloadedConversations {
  const unloaded = new Map<string, Unloaded>();
  const { share } = createSharedValues();
  return {
    keep({ id, rolloutPath, config, userAgent, opening, progress }) {
      unloaded.set(id, { rolloutPath, config: share(config), userAgent, opening: share(opening), progress });
    },
    get: (id) => unloaded.get(id),
    forget: (id) => void unloaded.delete(id),
    get count() {
      return unloaded.size;
    },
  };
}
