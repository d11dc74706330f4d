import type { OpenAPIV3_1 } from 'openapi-types';

export type OpenApi = OpenAPIV3_1.Document;
type Schemas = NonNullable<OpenAPIV3_1.ComponentsObject['schemas']>;

const REFERENCE = '#/components/schemas/';

/**
 * Finishes the generated document: one component per type, only those that routes or `alsoDescribed` lead to, in a
 * fixed order, so that it depends on nothing but the routes; and bodies that may be left out are said to be optional.
 */
export function tidy(generated: OpenApi, alsoDescribed: readonly string[]): OpenApi {
  const document = foldInputs(withoutNoise(generated));
  const schemas = document.components?.schemas ?? {};
  for (const path of Object.values(document.paths ?? {})) relaxBody(path?.post ?? path?.put, schemas);
  const used = reachable(schemas, [...alsoDescribed, ...references(document.paths)]);
  const kept = Object.entries(schemas).filter(([name]) => used.has(name));
  kept.sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(kept) } };
}

/** Answers may gain members, so they are not closed; and every JSON integer is a safe one. */
export function withoutNoise<T>(document: T): T {
  return JSON.parse(JSON.stringify(document), (key, value) => {
    if (key === 'additionalProperties' && value === false) return undefined;
    if (key === 'minimum' && value === Number.MIN_SAFE_INTEGER) return undefined;
    if (key === 'maximum' && value === Number.MAX_SAFE_INTEGER) return undefined;
    return value;
  });
}

/** The generator writes each type twice, as `X` for answers and `XInput` for params. Equal ones become one. */
function foldInputs(document: OpenApi): OpenApi {
  const schemas = document.components?.schemas ?? {};
  const unsuffixed = (value: unknown) => JSON.stringify(value).replaceAll(/(schemas\/\w+?)Input"/g, '$1"');
  const folded = Object.keys(schemas).filter(
    (name) => `${name}Input` in schemas && unsuffixed(schemas[name]) === unsuffixed(schemas[`${name}Input`]),
  );
  let text = JSON.stringify(document);
  for (const name of folded) text = text.replaceAll(`"${REFERENCE}${name}Input"`, `"${REFERENCE}${name}"`);
  return JSON.parse(text);
}

function relaxBody(operation: OpenAPIV3_1.OperationObject | undefined, schemas: Schemas): void {
  const body = operation?.requestBody;
  if (!body || '$ref' in body) return;
  const schema = Object.values(body.content)[0]?.schema;
  const [name] = references(schema);
  const target = schema && '$ref' in schema ? schemas[name ?? ''] : schema;
  if (target && 'properties' in target && !target.required?.length) body.required = false;
}

function reachable(schemas: Schemas, roots: readonly string[]): Set<string> {
  const found = new Set<string>();
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    waiting.push(...references(schemas[name]));
  }
  return found;
}

function references(value: unknown): string[] {
  const text = JSON.stringify(value) ?? '';
  return [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].flatMap(([, name]) => name ?? []);
}
