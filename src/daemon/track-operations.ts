import type { Operations } from '../metrics/operations.ts';
import type { EventMsg } from '../protocol/vocabulary/events.ts';
import type { Handlers } from '../rpc/dispatcher.ts';

type AnyHandler = (params: never, context: never) => unknown;

/** The same handlers, each an operation by the name of its method until it has answered. */
export function trackHandlers(handlers: Handlers, operations: Operations): Handlers {
  const tracked = Object.entries(handlers).map(([name, handler]) => [name, track(name, handler, operations)]);
  // The names are those of the handlers, which `fromEntries` cannot say.
  return Object.fromEntries(tracked) as Handlers;
}

function track(name: string, handler: AnyHandler, operations: Operations): AnyHandler {
  return (params, context) => {
    const end = operations.begin(name);
    try {
      const answer = handler(params, context);
      if (answer instanceof Promise) answer.then(end, end);
      else end();
      return answer;
    } catch (error) {
      end();
      throw error;
    }
  };
}

const TOOLS: Partial<Record<EventMsg['type'], string>> = {
  exec_command_begin: 'tool command',
  patch_apply_begin: 'tool patch',
  mcp_tool_call_begin: 'tool mcp',
};

const ENDS: ReadonlySet<EventMsg['type']> = new Set([
  'exec_command_end',
  'patch_apply_end',
  'mcp_tool_call_end',
]);

/** To be told of every event of the conversations: tools are operations from their begin to their end. */
export function trackTools(operations: Operations): (conversationId: string, msg: EventMsg) => void {
  const running = new Map<string, () => void>();
  return (conversationId, msg) => {
    const name = TOOLS[msg.type];
    if (name === undefined && !ENDS.has(msg.type)) return;
    const call = `${conversationId} ${'call_id' in msg ? msg.call_id : ''}`;
    running.get(call)?.();
    running.delete(call);
    if (name !== undefined) running.set(call, operations.begin(name));
  };
}
