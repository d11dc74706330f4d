import { startDetached } from '../exec/detached.ts';
import type { Host } from '../host.ts';
import type { Log } from '../log.ts';

export interface FinishedTurn {
  readonly turnId: string;
  readonly inputMessages: readonly string[];
  readonly lastAssistantMessage: string | null;
}

/** Starts the user's `notify` program with one more argument, the turn as JSON (protocol-v1, section 5). Not waited for. */
export function notifyTurnComplete(
  command: readonly string[],
  turn: FinishedTurn,
  { host, log }: { host: Host; log: Log },
): void {
  const [program, ...args] = command;
  if (program === undefined) return;
  const payload = JSON.stringify({
    type: 'agent-turn-complete',
    'turn-id': turn.turnId,
    'input-messages': turn.inputMessages,
    'last-assistant-message': turn.lastAssistantMessage,
  });
  startDetached([program, ...args, payload], host, (err) =>
    log.warn({ err, program }, 'the notify program could not be started'),
  );
}
