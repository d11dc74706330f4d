import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import openRpc from '@open-rpc/meta-schema';
import { Ajv, type AnySchemaObject } from 'ajv';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { documentTexts } from '../../scripts/document-texts.ts';
import { notifications, serverRequests } from '../../src/protocol/messages.ts';
import { registry } from '../../src/protocol/registry.ts';
import { openDoors } from '../support/doors.ts';
import { bearer, get } from '../support/http.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };
const require = createRequire(import.meta.url);
const DRAFT_7 = 'http://json-schema.org/draft-07/schema';

function validator() {
  const ajv = new Ajv({ strict: false, allErrors: false });
  // The declarations of the package are those of a module without a default.
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  return ajv;
}

/** Every example in the document, with the schema it is to fit; references are resolved against the document. */
function misfits(document: OpenRpc): string[] {
  const ajv = validator();
  ajv.addSchema({ $id: 'document', ...document } as AnySchemaObject);
  return document.methods.flatMap(({ name, params, result, examples = [] }, index) =>
    examples.flatMap((example) => {
      const places = params.flatMap((param, position) => {
        const given = example.params.find((each) => each.name === param.name);
        if (!given && !param.required) return [];
        return [{ at: `/methods/${index}/params/${position}/schema`, value: given?.value }];
      });
      places.push({ at: `/methods/${index}/result/schema`, value: example.result.value });
      const unknown = example.params.filter((each) => !params.some((param) => param.name === each.name));
      return [
        ...unknown.map((each) => `${name}: ${each.name} is no param`),
        ...places
          .filter(({ at, value }) => !ajv.validate(`document#${at}`, value))
          .map(({ at }) => `${name} ${at} ${ajv.errorsText()}`),
        ...(result.name === 'result' ? [] : [`${name}: the result has another name`]),
      ];
    }),
  );
}

interface OpenRpc {
  methods: {
    name: string;
    params: { name: string; required: boolean; schema: object }[];
    result: { name: string; schema: object };
    examples?: { params: { name: string; value: unknown }[]; result: { value: unknown } }[];
  }[];
}

describe('the documents', () => {
  let current: Readonly<Record<string, string>>;
  beforeAll(async () => {
    current = await documentTexts(version);
  });
  const parsed = (name: string) => JSON.parse(current[name] ?? '');

  it.each(['openrpc.json', 'asyncapi.json'])('openapi/%s is current; `npm run openapi` writes it', (name) => {
    expect(read(`openapi/${name}`)).toBe(current[name]);
  });

  it.each(['openapi.json', 'openrpc.json', 'asyncapi.json'])(
    '/%s is what the repository has',
    async (name) => {
      const { url } = await openDoors({ version });
      const answer = await get(`${url}/${name}`);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(answer.json()).toEqual(parsed(name));
    },
  );

  it.each(['/openapi.json', '/openrpc.json', '/asyncapi.json', '/docs'])(
    '%s is not sent again to whoever has it',
    async (address) => {
      const { url } = await openDoors();
      const { headers } = await get(url + address);
      const again = await get(url + address, { ...bearer, 'if-none-match': `"other", ${headers.etag}` });
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', headers.etag]);
      const other = await get(url + address, { ...bearer, 'if-none-match': '"other"' });
      expect(other.status).toBe(200);
    },
  );

  it('openrpc.json is valid by the schema of OpenRPC', () => {
    const ajv = validator();
    // It refers to another schema, which describes what that of JSON Schema itself does.
    const other = 'https://meta.json-schema.tools';
    const text = JSON.stringify(openRpc)
      .replaceAll(`${other}/#/definitions/JSONSchemaObject/properties/$ref`, `${DRAFT_7}#/properties/$id`)
      .replaceAll(other, DRAFT_7);
    const schema = JSON.parse(text);
    const validate = ajv.compile({ ...schema, $schema: DRAFT_7 });
    expect(validate(parsed('openrpc.json')), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
  });

  it('asyncapi.json is valid by the schema of AsyncAPI', () => {
    const specs = require('@asyncapi/specs') as { schemasWithoutId: Record<string, AnySchemaObject> };
    const validate = validator().compile(specs.schemasWithoutId['3.0.0'] ?? {});
    expect(validate(parsed('asyncapi.json')), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
  });

  it('openrpc.json has every method, with its summary', () => {
    const listed = parsed('openrpc.json').methods.map(
      ({ name, summary }: { name: string; summary: string }) => [name, summary],
    );
    expect(listed).toEqual([...registry.values()].map(({ name, summary }) => [name, summary]));
  });

  it('asyncapi.json has every message that the server sends, on every channel', () => {
    const { channels, components } = parsed('asyncapi.json');
    const methods = [...notifications, ...serverRequests].map(({ method }) => method);
    const named = Object.values<{ name: string }>(components.messages).map(({ name }) => name);
    expect(named).toEqual(methods);
    for (const { messages } of Object.values<{ messages: object }>(channels)) {
      expect(Object.keys(messages)).toEqual(Object.keys(components.messages));
    }
  });

  it('the examples fit the schemas beside them', () => {
    expect(misfits(parsed('openrpc.json'))).toEqual([]);
  });

  it('openapi.json shows the example of each method', () => {
    const operations = Object.values<Record<string, { operationId: string; responses: object }>>(
      parsed('openapi.json').paths,
    ).flatMap((item) => Object.values(item));
    for (const { name, rest, example } of registry.values()) {
      if (!rest || !example) continue;
      const operation = operations.find(({ operationId }) => operationId === name);
      expect(JSON.stringify(operation?.responses), name).toContain(JSON.stringify(example.result));
    }
  });
});
