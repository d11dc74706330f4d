import type { IncomingHttpHeaders } from 'node:http';
import type { InputItem, RequestBody } from '../../../src/demo/recording.ts';
import { isRecord, type JsonObject } from './json.ts';

/** Headers that the HTTP library sets for itself. */
const TRANSPORT_HEADERS = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);

/** Built-in instructions are longer than any text that a case gives of its own. */
const OWN_INSTRUCTIONS_LIMIT = 500;

/** The path, then the parameters of the query in order of their names: they are a set. */
export function maskUrl(url: string): string {
  const [path = '', query] = url.split('?');
  return query === undefined ? path : `${path}?${query.split('&').sort().join('&')}`;
}

export function maskHeaders(headers: IncomingHttpHeaders): JsonObject {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !TRANSPORT_HEADERS.has(name)));
}

/** Takes the prose out of a request: built-in instructions and the descriptions of tools. */
export function maskRequestBody(body: RequestBody): JsonObject {
  const { instructions, tools } = body;
  return {
    ...body,
    ...(typeof instructions === 'string' &&
      instructions.length > OWN_INSTRUCTIONS_LIMIT && { instructions: '<built-in>' }),
    ...(Array.isArray(tools) && { tools: tools.map(maskTool) }),
  };
}

function maskTool({ parameters, format, ...tool }: InputItem): JsonObject {
  return {
    ...tool,
    ...('description' in tool && { description: '<prose>' }),
    ...(parameters !== undefined && { parameters: maskSchema(parameters) }),
    ...(isRecord(format) && { format: { ...format, definition: '<grammar>' } }),
  };
}

/** `required` is a set; a property may be called `description` itself. */
function maskSchema(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  const { description: _prose, properties, required, items, ...rest } = schema;
  return {
    ...rest,
    ...(items !== undefined && { items: maskSchema(items) }),
    ...(Array.isArray(required) && { required: [...required].sort() }),
    ...(isRecord(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, maskSchema(inner)]),
      ),
    }),
  };
}
