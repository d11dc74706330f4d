import { z } from 'zod';
import type { RestBinding } from '../protocol/method.ts';
import { invalidParams } from '../rpc/dispatcher.ts';

/** The params of a method, cut into what travels in the path and what in query or body. */
export interface RestParams {
  readonly path: z.ZodObject;
  readonly rest: z.ZodObject;
  readonly restIn: 'querystring' | 'body';
}

export function cutParams(params: z.ZodObject, { path, verb }: RestBinding): RestParams {
  const inPath = new Set(fieldsOf(path));
  const fields = Object.entries(params.shape);
  return {
    path: z.object(Object.fromEntries(fields.filter(([name]) => inPath.has(name)))),
    rest: z.object(Object.fromEntries(fields.filter(([name]) => !inPath.has(name)))),
    restIn: verb === 'GET' || verb === 'DELETE' ? 'querystring' : 'body',
  };
}

const fieldsOf = (template: string): string[] =>
  [...template.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);

/** `/v1/x/{id}` as Fastify writes it: `/v1/x/:id`. */
export const toRoutePath = (template: string): string => template.replaceAll(/\{(\w+)\}/g, ':$1');

export function fillTemplate(template: string, values: Record<string, unknown>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
}

/**
 * Query values are text; those of numeric and boolean fields become numbers and booleans, and what does not read as
 * one stays text for the schema to refuse. An empty value counts as not given.
 */
export function coerceQuery(schema: z.ZodObject, query: object): Record<string, unknown> {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  return Object.fromEntries(given.map(([name, value]) => [name, coerce(schema.shape[name], value)]));
}

function coerce(type: unknown, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const inner = withoutWrappers(type);
  if (inner instanceof z.ZodNumber && /^-?\d{1,17}(\.\d{1,17})?$/.test(value)) return Number(value);
  if (inner instanceof z.ZodBoolean && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

function withoutWrappers(type: unknown): unknown {
  const wrapped = type instanceof z.ZodOptional || type instanceof z.ZodNullable;
  return wrapped ? withoutWrappers(type.unwrap()) : type;
}

/** A field of the path may be repeated in the body, but not with another value. */
export function refuseConflicts(path: Record<string, unknown>, body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  const issues = Object.entries(path)
    .filter(([name, value]) => name in body && (body as Record<string, unknown>)[name] !== value)
    .map(([name]) => ({ code: 'custom' as const, path: [name], message: 'differs between path and body' }));
  if (issues.length > 0) throw invalidParams({ issues });
}
