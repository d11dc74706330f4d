import { z } from 'zod';

export type Verb = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** REST form of a method. Fields named in the path travel there, the rest as query (GET, DELETE) or body. */
export interface RestBinding {
  readonly verb: Verb;
  /** OpenAPI style: `/v1/conversations/{conversationId}`. */
  readonly path: `/v1/${string}`;
  readonly status: 200 | 201 | 202;
  /** Path template of the `Location` header, filled from the result. */
  readonly location?: string;
  /** Beside the POST, a GET of the same path calls the method without params; this names that operation. */
  readonly reading?: string;
}

/**
 * Which calls wait for each other. Calls of one lane run one after another in the order of their arrival.
 * - `conversation`: one lane per value of the named params field
 * - `lane`: one lane for the whole daemon
 * - `concurrent`: runs at once; the reason says why that is safe
 */
export type Lane<P> =
  | { readonly conversation: keyof P & string }
  | { readonly lane: string }
  | { readonly concurrent: string };

/** A call as the documents show it and the tests run it; ids, paths and times stand for those that a daemon gives. */
export interface Example<P, R> {
  readonly params: P;
  readonly result: R;
}

export interface MethodDef<
  N extends string = string,
  P extends z.ZodObject = z.ZodObject,
  R extends z.ZodType = z.ZodType,
> {
  readonly name: N;
  readonly summary: string;
  readonly params: P;
  readonly result: R;
  /** `null` where only a connection makes sense; the reason stands beside the definition. */
  readonly rest: RestBinding | null;
  readonly lane: Lane<z.infer<P>>;
  /** Whether a call that is repeated with its idempotency key gets the first answer, and nothing is done twice. */
  readonly keyed?: boolean;
  readonly example?: Example<z.input<P>, z.input<R>>;
}

/** Everything about a method: transports, documents and handler types derive from the returned value. */
export function defineMethod<const N extends string, P extends z.ZodObject, R extends z.ZodType>(
  name: N,
  def: Omit<MethodDef<N, P, R>, 'name'>,
): MethodDef<N, P, R> {
  return { name, ...def };
}

export interface NotificationDef<N extends string = string, P extends z.ZodType = z.ZodType> {
  readonly method: N;
  readonly summary: string;
  readonly params: P;
}

/** A message from the server that expects no answer. */
export function defineNotification<const N extends string, P extends z.ZodType>(
  method: N,
  def: Omit<NotificationDef<N, P>, 'method'>,
): NotificationDef<N, P> {
  return { method, ...def };
}

export interface ServerRequestDef<
  N extends string = string,
  P extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> {
  readonly method: N;
  readonly summary: string;
  readonly params: P;
  readonly result: R;
}

/** A request that the server sends to its clients. */
export function defineServerRequest<const N extends string, P extends z.ZodType, R extends z.ZodType>(
  method: N,
  def: Omit<ServerRequestDef<N, P, R>, 'method'>,
): ServerRequestDef<N, P, R> {
  return { method, ...def };
}

/** The result of methods that return nothing: `{}` on every surface. */
export const Empty = z.object({}).meta({ id: 'Empty' });
