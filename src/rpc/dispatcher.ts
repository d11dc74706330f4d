import type { z } from 'zod';
import { type FieldError, RpcError } from '../protocol/errors.ts';
import type { MethodDef } from '../protocol/method.ts';
import { type MethodName, type Params, type Result, registry } from '../protocol/registry.ts';
import type { Client } from './client.ts';
import { idempotencyKeyOf, KeyedCalls } from './idempotency.ts';
import { Lanes } from './lanes.ts';
import { LongResult } from './long-result.ts';
import { findLongString, MAX_STRING } from './string-lengths.ts';

export interface CallContext {
  readonly client: Client;
  /** Given by a client that may repeat the call because it does not know whether it arrived. */
  readonly idempotencyKey?: string | undefined;
}

export type Handler<N extends MethodName> = (
  params: Params<N>,
  context: CallContext,
) => Promise<Result<N> | LongResult> | Result<N>;

/** One handler per method of the registry: a missing one, or one without a definition, does not compile. */
export type Handlers = { readonly [N in MethodName]: Handler<N> };

/** Characters of an unknown method's name that an answer repeats. */
const MAX_NAME = 100;

type AnyHandler = (params: unknown, context: CallContext) => unknown;

/** Runs methods, whatever door they came through: name -> params checked -> lane -> handler -> result checked. */
export class Dispatcher {
  readonly #handlers: ReadonlyMap<string, AnyHandler>;
  readonly #lanes = new Lanes();
  readonly #keyed: KeyedCalls;

  constructor(handlers: Handlers, keyed = new KeyedCalls()) {
    this.#keyed = keyed;
    // Handlers are contravariant in their params, so the mapped type has no common supertype to iterate over.
    this.#handlers = new Map(Object.entries(handlers) as [string, AnyHandler][]);
  }

  /** For doors that bring a name and raw params. Gives the result, or a `LongResult`. Throws `RpcError` for what the caller did wrong. */
  async call(name: string, raw: unknown, context: CallContext): Promise<unknown> {
    const def = registry.get(name);
    if (!def) throw new RpcError('methodNotFound', `method not found: ${name.slice(0, MAX_NAME)}`);
    const params = checkParams(def, raw);
    const idempotencyKey = context.idempotencyKey ?? idempotencyKeyOf(raw);
    const result = await this.run(def, params, { ...context, idempotencyKey });
    return result instanceof LongResult ? result : def.result.parse(result);
  }

  /** For doors that have checked the params against the definition and will check the result. */
  run(def: MethodDef, params: Record<string, unknown>, context: CallContext): unknown {
    const long = findLongString(params);
    if (long) throw tooLong(long);
    const { idempotencyKey: key } = context;
    if (key === undefined || !def.keyed) return this.#start(def, params, context);
    return this.#keyed.run(key, { method: def.name, params }, () => this.#start(def, params, context));
  }

  #start(def: MethodDef, params: Record<string, unknown>, context: CallContext): unknown {
    const handler = this.#handlers.get(def.name);
    if (!handler) throw new Error(`no handler for ${def.name}`);
    const key = laneKey(def, params);
    return key === undefined
      ? handler(params, context)
      : this.#lanes.run(key, () => handler(params, context));
  }
}

const tooLong = (path: readonly string[]): RpcError =>
  invalidParams({
    issues: [{ code: 'custom', path: [...path], message: `longer than ${MAX_STRING} characters` }],
  });

function laneKey(def: MethodDef, params: Record<string, unknown>): string | undefined {
  if ('concurrent' in def.lane) return undefined;
  if ('lane' in def.lane) return def.lane.lane;
  return `conversation ${String(params[def.lane.conversation]).toLowerCase()}`;
}

/** Absent params mean none given. */
export function checkParams(def: MethodDef, raw: unknown): Record<string, unknown> {
  if (Array.isArray(raw)) throw new RpcError('invalidParams', 'params must be an object, not a list');
  const checked = def.params.safeParse(raw ?? {});
  if (checked.success) return checked.data;
  throw invalidParams(checked.error);
}

export function invalidParams(error: z.ZodError | { issues: readonly z.core.$ZodIssue[] }): RpcError {
  const fields = error.issues.map(toFieldError);
  const [first] = fields;
  const where = first?.path ? `${first.path}: ` : '';
  return new RpcError('invalidParams', `invalid params: ${where}${first?.message ?? 'not accepted'}`, {
    fields,
  });
}

function toFieldError(issue: z.core.$ZodIssue): FieldError {
  return { path: issue.path.map(String).join('.'), message: issue.message };
}
