/** The published types of the protocol: what goes over the wire in each direction, and the methods by name. */
export type { ErrorObject, FieldError, Problem } from './errors.ts';
export type {
  ClientResponse,
  ServerMessage,
  ServerNotification,
  ServerRequest,
} from './messages.ts';
export type { ClientRequest, MethodName, Params, Result, ServerResponse } from './registry.ts';
export type { ConversationEvent, EventMsg, EventOf, EventType } from './vocabulary/events.ts';
export type { InputItem, ResponseItem } from './vocabulary/items.ts';
export type { RolloutItem, RolloutLine } from './vocabulary/rollout.ts';
