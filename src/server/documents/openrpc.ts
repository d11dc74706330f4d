import { ERRORS } from '../../protocol/errors.ts';
import type { MethodDef } from '../../protocol/method.ts';
import { registry } from '../../protocol/registry.ts';
import { collectSchemas, type JsonSchema, type SchemaCollection } from './schemas.ts';

const DESCRIPTION = `JSON-RPC 2.0 over a WebSocket (\`GET /rpc\`) and over HTTP (\`POST /rpc\`). \`jsonrpc\` may be left out.
What the server sends unasked is in \`/asyncapi.json\`. The \`data.reason\` of an error is a stable word for programs.`;

/** The methods for machines: OpenRPC 1.3. Depends on the registry and the version alone. */
export function openRpcDocument(version: string) {
  const schemas = collectSchemas();
  const methods = [...registry.values()].map((def) => describeMethod(def, schemas));
  return {
    openrpc: '1.3.2',
    info: { title: 'codexd', version, description: DESCRIPTION, license: { name: 'Apache-2.0' } },
    servers: [{ name: 'default', url: 'http://127.0.0.1:4517/rpc' }],
    methods,
    components: { schemas: schemas.named, errors: describeErrors() },
  };
}

function describeMethod(def: MethodDef, schemas: SchemaCollection) {
  const { name, summary, example } = def;
  return {
    name,
    summary,
    paramStructure: 'by-name',
    params: describeParams(schemas.describe(def.params, 'input')),
    result: { name: 'result', schema: schemas.describe(def.result, 'output') },
    errors: Object.keys(ERRORS).map((kind) => ({ $ref: `#/components/errors/${kind}` })),
    ...(example && {
      examples: [
        {
          name: 'example',
          params: Object.entries(example.params).map(([param, value]) => ({ name: param, value })),
          result: { name: 'result', value: example.result },
        },
      ],
    }),
  };
}

function describeParams({ properties, required }: JsonSchema) {
  const needed = new Set(required as string[] | undefined);
  return Object.entries((properties ?? {}) as Record<string, JsonSchema>).map(([name, schema]) => ({
    name,
    ...(typeof schema.description === 'string' && { description: schema.description }),
    required: needed.has(name),
    schema,
  }));
}

function describeErrors() {
  return Object.fromEntries(
    Object.entries(ERRORS).map(([kind, { code, reason }]) => [
      kind,
      { code, message: reason, data: { reason } },
    ]),
  );
}
