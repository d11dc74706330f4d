import type { z } from 'zod';
import type { MethodDef } from './method.ts';
import { v1Methods } from './v1/methods.ts';

type AnyMethod = (typeof v1Methods)[number];

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

export type Id = string | number;

/** A request that a client may send: discriminated by `method`. */
export type ClientRequest = {
  [N in MethodName]: { id: Id; method: N; params: Params<N> };
}[MethodName];

/** The successful answer to a client's request, by the method that was asked. */
export type ServerResponse = { [N in MethodName]: { method: N; id: Id; result: Result<N> } }[MethodName];
