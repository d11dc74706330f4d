import { readFileSync } from 'node:fs';
import path from 'node:path';
import { validate } from '@readme/openapi-parser';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documentTexts } from '../../scripts/document-texts.ts';
import { registry } from '../../src/protocol/registry.ts';
import { openDoors } from '../support/doors.ts';
import { bearer, get } from '../support/http.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };
const committed = JSON.parse(read('openapi/openapi.json'));

interface Operation {
  operationId: string;
  summary: string;
  requestBody?: { required: boolean };
  security?: unknown[];
}
const operations = Object.entries<Record<string, Operation>>(committed.paths).flatMap(([url, item]) =>
  Object.entries(item).map(([verb, operation]) => ({ url, verb, operation })),
);

describe('openapi/openapi.json', () => {
  it('is current; `npm run openapi` writes it', async () => {
    expect(read('openapi/openapi.json')).toBe((await documentTexts(version))['openapi.json']);
  });

  it('is what the daemon serves', async () => {
    const { url } = await openDoors({ version });
    const answer = await get(`${url}/openapi.json`);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.json()).toEqual(committed);
  });

  it('is valid OpenAPI 3.1', async () => {
    expect(committed.openapi).toBe('3.1.0');
    expect(await validate(structuredClone(committed))).toMatchObject({ valid: true });
  });

  it('has every method with a REST form, with its summary', () => {
    for (const { name, summary, rest } of registry.values()) {
      if (!rest) continue;
      const found = operations.find(({ operation }) => operation.operationId === name);
      expect(found).toMatchObject({ url: rest.path, verb: rest.verb.toLowerCase(), operation: { summary } });
    }
  });

  it('says which bodies may be left out', () => {
    const required = operations.flatMap(({ operation: { operationId, requestBody } }) =>
      requestBody ? [[operationId, requestBody.required]] : [],
    );
    expect(Object.fromEntries(required)).toMatchObject({
      newConversation: false,
      addConversationListener: false,
      sendUserMessage: true,
      rpc: true,
    });
  });

  it('asks for the token everywhere but for the health checks and where a secret is handed in', () => {
    expect(committed.security).toEqual([{ bearer: [] }]);
    const open = operations.filter(({ operation }) => operation.security?.length === 0);
    expect(open.map(({ url }) => url)).toEqual(['/healthz', '/readyz', '/v1/session']);
  });
});

describe('the pages', () => {
  it('GET /docs shows every operation and loads nothing', async () => {
    const { url } = await openDoors();
    const { headers, text } = await get(`${url}/docs`);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    for (const { operation, url: address } of operations) {
      expect(text).toContain(`id="${operation.operationId}"`);
      expect(text).toContain(address);
    }
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'none'; style-src 'sha256-[^']+'; /,
    );
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cross-origin-opener-policy': 'same-origin' });
    expect(text).not.toMatch(/<script|<link|<img|@import|src=/);
  });

  it('GET /openapi.yaml is the same document as openapi.json', async () => {
    const { url } = await openDoors();
    const { headers, text } = await get(`${url}/openapi.yaml`);
    expect(headers['content-type']).toBe('application/yaml');
    expect(parse(text)).toEqual((await get(`${url}/openapi.json`)).json());
  });

  it('GET /llms.txt names every method and every document there is', async () => {
    const { url } = await openDoors();
    const { headers, text } = await get(`${url}/llms.txt`);
    expect(headers['content-type']).toBe('text/markdown; charset=utf-8');
    for (const { operationId } of operations.map(({ operation }) => operation)) {
      if (registry.has(operationId ?? '')) expect(text).toContain(`- ${operationId} (`);
    }
    for (const [, address = ''] of text.matchAll(/\]\((\/[^)]+)\)/g)) {
      expect([address, (await get(url + address)).status]).toEqual([address, 200]);
    }
  });

  it('GET / lists the surfaces', async () => {
    const { url } = await openDoors();
    const answer = await get(`${url}/`, bearer);
    expect(answer.json()).toMatchObject({
      documentation: '/docs',
      openapi: '/openapi.json',
      version: '9.9.9',
    });
  });

  it('GET /rpc without an upgrade says what to do instead', async () => {
    const { url } = await openDoors();
    const answer = await get(`${url}/rpc`);
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
  });
});
