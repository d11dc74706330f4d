import type { Client } from './client.ts';
import type { Incoming } from './message.ts';

const DATED_VERSION = /^\d{4}-\d\d-\d\d$/;

/**
 * Recognises clients written for the 0.36 protocol and turns the extensions off for them. Such a client opens like any
 * MCP client: `initialize` with a date as `protocolVersion`, then `notifications/initialized` (protocol-v1, section 2).
 * Its decoder is generated from the schema of its own time and may refuse members that it does not know, so it gets
 * none. A client that sends the same handshake but knows event ids says so with `capabilities.eventIds: true`.
 *
 * The returned function has to see every message of the client, in order.
 */
export function watchHandshake(client: Client): (message: Incoming) => void {
  let opensLike036: boolean | undefined;
  return (message) => {
    if (message.kind === 'request' && message.method === 'initialize') {
      // Only the first one counts: a second `initialize` is refused.
      opensLike036 ??= isDated(message.params);
    }
    if (message.kind === 'notification' && message.method === 'notifications/initialized' && opensLike036) {
      client.extensions = false;
    }
  };
}

function isDated(params: unknown): boolean {
  const { protocolVersion, capabilities } = asObject(params);
  if (asObject(capabilities).eventIds === true) return false;
  return typeof protocolVersion === 'string' && DATED_VERSION.test(protocolVersion);
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
