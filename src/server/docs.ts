import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { docsPage } from './docs-page.ts';
import { addDocument } from './document.ts';
import { asyncApiDocument } from './documents/asyncapi.ts';
import { llmsText } from './documents/llms.ts';
import { openRpcDocument } from './documents/openrpc.ts';
import { showExamples } from './openapi-examples.ts';
import { type OpenApi, tidy } from './openapi-tidy.ts';
import { PROBLEM_TYPE, Problem } from './problem.ts';

const problem = (description: string) => ({ description, content: { [PROBLEM_TYPE]: { schema: Problem } } });

/** Every documented route may fail like this. */
export const ERROR_RESPONSES = {
  '4xx': problem('Refused.'),
  '5xx': problem('Failed; `instance` finds the cause in the log.'),
};

/** Where the document's reader finds the types of events, which no route refers to. */
const ALWAYS_DESCRIBED = ['EventMsg'];

const DESCRIPTION = `One daemon for every Codex client on a machine.

Every request carries \`Authorization: Bearer TOKEN\`; \`codexd token\` prints the token. The same methods are served
as JSON-RPC 2.0 at \`/rpc\`, over HTTP and as a WebSocket. Events of conversations come as notifications
\`codex/event/TYPE\` on the WebSocket and as server-sent events of that name; their \`msg\` is an \`EventMsg\`.`;

/** Has to be registered before the routes that it describes. */
export async function registerOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'codexd', version, description: DESCRIPTION, license: { name: 'Apache-2.0' } },
      servers: [{ url: 'http://127.0.0.1:4517', description: 'The default address' }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
      tags: [
        { name: 'methods', description: 'The methods of the protocol.' },
        { name: 'json-rpc', description: 'The same methods as JSON-RPC.' },
        { name: 'events', description: 'Server-sent events.' },
        { name: 'server', description: 'The daemon itself.' },
      ],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => {
      const finished = tidy(jsonSchemaTransformObject(document) as OpenApi, ALWAYS_DESCRIBED);
      showExamples(finished);
      return finished;
    },
  });
}

/** The documents for machines, and `/docs` for people. None changes while the daemon runs. */
export function addDocs(app: FastifyInstance, version: string): void {
  const documents = {
    '/openapi.json': () => app.swagger(),
    '/openrpc.json': () => openRpcDocument(version),
    '/asyncapi.json': () => asyncApiDocument(version),
  };
  for (const [address, describe] of Object.entries(documents)) {
    addDocument(app, address, () => ({ type: 'application/json', text: JSON.stringify(describe()) }));
  }
  addDocument(app, '/openapi.yaml', () => ({ type: 'application/yaml', text: app.swagger({ yaml: true }) }));
  addDocument(app, '/llms.txt', () => ({ type: 'text/markdown; charset=utf-8', text: llmsText(version) }));
  addDocument(app, '/docs', () => {
    const { html, headers } = docsPage(app.swagger() as OpenApi);
    return { type: 'text/html; charset=utf-8', text: html, headers };
  });
}
