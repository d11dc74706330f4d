import { z } from 'zod';
import type { Id } from './registry.ts';
import { v1ServerRequests } from './v1/approvals.ts';
import { type ServerNotification as V1ServerNotification, v1Notifications } from './v1/notifications.ts';

type AnyServerRequest = (typeof v1ServerRequests)[number];

/** A request that the server sends to its clients: discriminated by `method`. */
export type ServerRequest = {
  [D in AnyServerRequest as D['method']]: { id: Id; method: D['method']; params: z.infer<D['params']> };
}[AnyServerRequest['method']];

/** A client's answer to a server request, by the method that was asked. */
export type ClientResponse = {
  [D in AnyServerRequest as D['method']]: { method: D['method']; id: Id; result: z.infer<D['result']> };
}[AnyServerRequest['method']];

export type ServerNotification = V1ServerNotification;

/** Anything that the server sends unasked. */
export type ServerMessage = ServerRequest | ServerNotification;

const jsonrpc = z.literal('2.0');

/** Checks one notification, whatever its method. The cast is needed because the union is built in a loop. */
export const ServerNotification = z.discriminatedUnion(
  'method',
  v1Notifications.map((def) =>
    z.object({ jsonrpc: jsonrpc.optional(), method: z.literal(def.method), params: def.params }),
  ) as unknown as [z.ZodObject<{ method: z.ZodLiteral<string> }>],
) as unknown as z.ZodType<ServerNotification>;

export const ServerRequest = z.discriminatedUnion(
  'method',
  v1ServerRequests.map((def) =>
    z.object({
      jsonrpc: jsonrpc.optional(),
      id: z.union([z.string(), z.int()]),
      method: z.literal(def.method),
      params: def.params,
    }),
  ) as unknown as [z.ZodObject<{ method: z.ZodLiteral<string> }>],
) as unknown as z.ZodType<ServerRequest>;

export const notifications = v1Notifications;
export const serverRequests = v1ServerRequests;
