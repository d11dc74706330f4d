import fc from 'fast-check';

export interface Schema {
  readonly [keyword: string]: unknown;
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: Schema;
}

export interface Vocabulary {
  readonly schemas: Readonly<Record<string, Schema>>;
  /** Values of some named types, or of members of some name, that mean something to the daemon. */
  readonly known: Readonly<Record<string, fc.Arbitrary<unknown>>>;
}

/** Values that fit a JSON Schema, as far as it uses the keywords that the documents use. */
export function fromSchema(schema: Schema, vocabulary: Vocabulary): fc.Arbitrary<unknown> {
  const inner = (each: Schema): fc.Arbitrary<unknown> => fromSchema(each, vocabulary);
  if (schema.$ref) return fromReference(schema.$ref, vocabulary);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(inner));
  const [first] = schema.allOf ?? [];
  if (first) return inner(first);
  switch (schema.type) {
    case 'string':
      return text(schema);
    case 'integer':
    case 'number':
      return fc.integer({ min: Number(schema.minimum ?? -100_000), max: Number(schema.maximum ?? 100_000) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(inner(schema.items ?? {}), { maxLength: 4 });
    case 'object':
      return object(schema, vocabulary);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function fromReference(reference: string, vocabulary: Vocabulary): fc.Arbitrary<unknown> {
  const name = reference.replace('#/components/schemas/', '');
  const known = vocabulary.known[name];
  const fitting = fromSchema(vocabulary.schemas[name] ?? {}, vocabulary);
  return known ? fc.oneof({ weight: 3, arbitrary: known }, fitting) : fitting;
}

function text({ format, pattern }: Schema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  return fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
}

function object(schema: Schema, vocabulary: Vocabulary): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const members = Object.entries(properties).map(([name, each]) => [
    name,
    vocabulary.known[name] ?? fromSchema(each, vocabulary),
  ]);
  const record = fc.record(Object.fromEntries(members), { requiredKeys: [...required] as never[] });
  if (!additionalProperties) return record;
  const others = fc.dictionary(fc.string(), fromSchema(additionalProperties, vocabulary), { maxKeys: 3 });
  return fc.tuple(others, record).map(([more, own]) => ({ ...more, ...own }));
}
