import type { Message } from './client.ts';

const TERMINAL: ReadonlySet<string> = new Set(['task_complete', 'turn_aborted']);

/** What the listener of one conversation was told of its turns. */
export interface Ledger {
  readonly turns: ReadonlyMap<string, { readonly ends: readonly string[] }>;
  readonly lastMessage: string | undefined;
  note(message: Message): void;
  isQuiet(): boolean;
  /** In words, what is wrong with the turns now that all of them should be over. */
  faults(): string[];
}

export function createLedger(): Ledger {
  const turns = new Map<string, { ends: string[] }>();
  const faults: string[] = [];
  let lastMessage: string | undefined;
  return {
    turns,
    get lastMessage() {
      return lastMessage;
    },
    note({ params }) {
      const { id, msg } = (params ?? {}) as { id?: string; msg?: { type: string; message?: string } };
      if (id === undefined || !msg) return;
      if (msg.type === 'task_started') {
        if (turns.has(id)) faults.push(`turn ${id} was started twice`);
        turns.set(id, { ends: [] });
      } else if (TERMINAL.has(msg.type)) {
        const turn = turns.get(id);
        if (turn) turn.ends.push(msg.type);
        else faults.push(`turn ${id} ended without a start`);
      } else if (msg.type === 'agent_message') lastMessage = msg.message;
    },
    isQuiet: () => [...turns.values()].every(({ ends }) => ends.length > 0),
    faults() {
      const wrong = [...turns].filter(([, { ends }]) => ends.length !== 1);
      return [...faults, ...wrong.map(([id, { ends }]) => `turn ${id} has the ends [${ends.join(', ')}]`)];
    },
  };
}
