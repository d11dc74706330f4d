import { ERRORS } from '../../protocol/errors.ts';

type Id = string | number | null;

/** Requests that were passed on and have no answer yet. */
export interface Unanswered {
  /** Looks at a message, or a batch, that the client sent. */
  sent(message: unknown): void;
  /** Looks at a message, or a batch, that the client was given. */
  received(message: unknown): void;
  /** Resolves as soon as nothing waits. */
  settled(): Promise<void>;
  /** An error answer for each, as text; there are none afterwards. */
  refuse(reason: string): string[];
}

export function createUnanswered(): Unanswered {
  const ids = new Set<Id>();
  const empty = Promise.withResolvers<void>();
  let awaited = false;
  const look = (): void => {
    if (awaited && ids.size === 0) empty.resolve();
  };
  return {
    sent(message) {
      for (const { id, method } of members(message)) if (method !== undefined && isId(id)) ids.add(id);
    },
    received(message) {
      for (const { id, method } of members(message)) if (method === undefined && isId(id)) ids.delete(id);
      look();
    },
    settled() {
      awaited = true;
      look();
      return empty.promise;
    },
    refuse(reason) {
      const { code } = ERRORS.unavailable;
      // Two members and no more, as the 0.36 protocol has them.
      const answers = [...ids].map((id) => ({ jsonrpc: '2.0', id, error: { code, message: reason } }));
      ids.clear();
      return answers.map((answer) => JSON.stringify(answer));
    },
  };
}

function members(message: unknown): { id?: unknown; method?: unknown }[] {
  const list: unknown[] = Array.isArray(message) ? message : [message];
  return list.filter((member) => typeof member === 'object' && member !== null);
}

function isId(id: unknown): id is Id {
  return id === null || typeof id === 'string' || typeof id === 'number';
}
