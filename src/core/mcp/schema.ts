/** The part of JSON Schema that functions of a model may use for their parameters. */
export type ParameterSchema =
  | { type: 'boolean' | 'string' | 'number'; description?: string }
  | { type: 'array'; items: ParameterSchema; description?: string }
  | ObjectSchema;

interface ObjectSchema {
  type: 'object';
  properties: Record<string, ParameterSchema>;
  required?: string[];
  additionalProperties?: boolean;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** A schema cannot be reduced to the supported part. The message names the place. */
export class UnsupportedSchemaError extends Error {
  constructor(path: Path, fault: string) {
    super(`${path.length === 0 ? 'the schema' : `\`${path.join('.')}\``} ${fault}`);
    this.name = 'UnsupportedSchemaError';
  }
}

type Path = readonly string[];

const TYPES = ['boolean', 'string', 'integer', 'number', 'array', 'object'];

/** What a schema without a usable `type` is taken for, by the first of the keywords that it has. */
const TYPE_BY_KEYWORDS: readonly (readonly [type: string, keywords: readonly string[]])[] = [
  ['object', ['properties', 'required', 'additionalProperties']],
  ['array', ['items', 'prefixItems']],
  ['string', ['enum', 'const', 'format']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
];

/**
 * Reduces an input schema to the supported part (protocol-v1, section 13; details observed): `integer` becomes
 * `number`, of a list of types the first supported one is taken, what has no type and hints at none is a `string`,
 * objects get `properties` and arrays `items`, every other keyword is dropped.
 * @throws {UnsupportedSchemaError} for types and shapes that the reference refuses too
 */
export function reduceSchema(schema: unknown, path: Path = []): ParameterSchema {
  if (typeof schema === 'boolean') return { type: 'string' };
  if (!isJsonObject(schema)) throw new UnsupportedSchemaError(path, 'is not a schema');
  const type = typeOf(schema);
  switch (type) {
    case 'boolean':
    case 'string':
      return { type, ...descriptionOf(schema, path) };
    case 'integer':
    case 'number':
      return { type: 'number', ...descriptionOf(schema, path) };
    case 'array':
      return { type, items: itemsOf(schema, path), ...descriptionOf(schema, path) };
    case 'object':
      return reduceObject(schema, path);
    default:
      throw new UnsupportedSchemaError(path, `has the unsupported type ${JSON.stringify(type)}`);
  }
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(schema: JsonObject): string {
  if (typeof schema.type === 'string') return schema.type;
  const listed = Array.isArray(schema.type) ? schema.type.find((type) => TYPES.includes(type)) : undefined;
  if (typeof listed === 'string') return listed;
  const hinted = TYPE_BY_KEYWORDS.find(([, keywords]) => keywords.some((keyword) => keyword in schema));
  return hinted?.[0] ?? 'string';
}

function itemsOf(schema: JsonObject, path: Path): ParameterSchema {
  return 'items' in schema ? reduceSchema(schema.items, [...path, 'items']) : { type: 'string' };
}

function reduceObject(schema: JsonObject, path: Path): ObjectSchema {
  const { properties = {}, required, additionalProperties } = schema;
  if (!isJsonObject(properties))
    throw new UnsupportedSchemaError([...path, 'properties'], 'is not an object');
  const reduced: ObjectSchema = { type: 'object', properties: reduceEach(properties, path) };
  if (isPresent(required)) reduced.required = checkRequired(required, path);
  if (isPresent(additionalProperties)) {
    if (typeof additionalProperties !== 'boolean') {
      throw new UnsupportedSchemaError([...path, 'additionalProperties'], 'is neither true nor false');
    }
    reduced.additionalProperties = additionalProperties;
  }
  return reduced;
}

function reduceEach(properties: JsonObject, path: Path): Record<string, ParameterSchema> {
  const names = Object.keys(properties).sort();
  return Object.fromEntries(names.map((name) => [name, reduceSchema(properties[name], [...path, name])]));
}

function checkRequired(required: unknown, path: Path): string[] {
  if (Array.isArray(required) && required.every((name) => typeof name === 'string')) return required;
  throw new UnsupportedSchemaError([...path, 'required'], 'is not a list of names');
}

function descriptionOf(schema: JsonObject, path: Path): { description?: string } {
  const { description } = schema;
  if (!isPresent(description)) return {};
  if (typeof description === 'string') return { description };
  throw new UnsupportedSchemaError([...path, 'description'], 'is not a text');
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
