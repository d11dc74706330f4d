import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { withoutNoise } from '../openapi-tidy.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Turns types into JSON Schema of draft 7 and gathers those that have a name, which the others refer to. */
export interface SchemaCollection {
  /** `input` as clients may send it, `output` as they get it. */
  describe(type: z.ZodType, io: 'input' | 'output'): JsonSchema;
  /** By name, for `components/schemas`. */
  readonly named: Readonly<Record<string, JsonSchema>>;
}

export function collectSchemas(): SchemaCollection {
  const named = new Map<string, JsonSchema>();
  const keep = (name: string, schema: JsonSchema): void => {
    const known = named.get(name);
    if (known && !isDeepStrictEqual(known, schema)) throw new Error(`two different types are called ${name}`);
    named.set(name, schema);
  };
  return {
    describe(type, io) {
      const generated = z.toJSONSchema(type, { io, target: 'draft-7' });
      const text = JSON.stringify(withoutNoise(generated)).replaceAll(
        '"#/definitions/',
        '"#/components/schemas/',
      );
      const { $schema: _dialect, definitions = {}, ...schema } = JSON.parse(text);
      for (const [name, definition] of Object.entries<JsonSchema>(definitions)) keep(name, definition);
      return schema;
    },
    get named() {
      return Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}
