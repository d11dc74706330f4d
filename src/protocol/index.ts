/** The published types of the protocol: what goes over the wire in each direction, and the methods by name. */
export type { ErrorObject, FieldError, Problem } from './errors.ts';
export type {
  ClientRequest,
  ClientResponse,
  MethodName,
  Params,
  Result,
  ServerMessage,
  ServerNotification,
  ServerRequest,
  ServerResponse,
} from './registry.ts';
export type { ConversationEvent, EventMsg, EventOf, EventType } from './vocabulary/events.ts';
export type { InputItem, ResponseItem } from './vocabulary/items.ts';
export type { RolloutItem, RolloutLine } from './vocabulary/rollout.ts';
