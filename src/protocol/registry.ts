import { z } from 'zod';
import type { MethodDef } from './method.ts';
import { v1ServerRequests } from './v1/approvals.ts';
import { v1Methods } from './v1/methods.ts';
import { type ServerNotification as V1ServerNotification, v1Notifications } from './v1/notifications.ts';

type AnyMethod = (typeof v1Methods)[number];
type AnyServerRequest = (typeof v1ServerRequests)[number];

export type MethodName = AnyMethod['name'];
type DefOf<N extends MethodName> = Extract<AnyMethod, { name: N }>;

/** Params of a method as its handler receives them: validated, unknown members removed. */
export type Params<N extends MethodName> = z.infer<DefOf<N>['params']>;
export type Result<N extends MethodName> = z.infer<DefOf<N>['result']>;

/** All methods by name. Throws at load when a name or a REST binding is given twice. */
export const registry: ReadonlyMap<string, MethodDef> = index(v1Methods as readonly MethodDef[]);

function index(methods: readonly MethodDef[]): Map<string, MethodDef> {
  const byName = new Map<string, MethodDef>();
  const bindings = new Set<string>();
  for (const def of methods) {
    if (byName.has(def.name)) throw new Error(`method ${def.name} is defined twice`);
    byName.set(def.name, def);
    if (!def.rest) continue;
    const binding = `${def.rest.verb} ${def.rest.path}`;
    if (bindings.has(binding)) throw new Error(`REST binding ${binding} is given twice`);
    bindings.add(binding);
  }
  return byName;
}

type Id = string | number;

/** A request that a client may send: discriminated by `method`. */
export type ClientRequest = {
  [N in MethodName]: { id: Id; method: N; params: Params<N> };
}[MethodName];

/** The successful answer to a client's request, by the method that was asked. */
export type ServerResponse = { [N in MethodName]: { method: N; id: Id; result: Result<N> } }[MethodName];

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
