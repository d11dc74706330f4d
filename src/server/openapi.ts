import swagger from '@fastify/swagger';
import fastify, { type RouteOptions } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { showExamples } from './openapi-examples.ts';
import { type OpenApi, tidy } from './openapi-tidy.ts';
import { zodCompilers } from './zod-compilers.ts';

/** Where the document's reader finds the types of events, which no route refers to. */
const ALWAYS_DESCRIBED = ['EventMsg'];

const DESCRIPTION = `One daemon for every Codex client on a machine.

Every request carries \`Authorization: Bearer TOKEN\`; \`codexd token\` prints the token. The same methods are served
as JSON-RPC 2.0 at \`/rpc\`, over HTTP and as a WebSocket. Events of conversations come as notifications
\`codex/event/TYPE\` on the WebSocket and as server-sent events of that name; their \`msg\` is an \`EventMsg\`.`;

/**
 * The document of these routes. The generator describes routes that are registered after it, so they are registered
 * once more, in an app that never listens.
 */
export async function writeOpenApi(routes: readonly RouteOptions[], version: string): Promise<OpenApi> {
  const app = fastify({ exposeHeadRoutes: false, schemaController: zodCompilers });
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
  for (const { method, url, schema } of routes) {
    app.route({ method, url, ...(schema && { schema }), handler: neverCalled });
  }
  await app.ready();
  const document = app.swagger() as OpenApi;
  await app.close();
  return document;
}

function neverCalled(): never {
  throw new Error('no route is called for the document');
}
