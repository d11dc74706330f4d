import type { FastifyInstance, RouteOptions } from 'fastify';
import { addDocument } from './document.ts';
import type { OpenApi } from './openapi-tidy.ts';
import { PROBLEM_TYPE, Problem } from './problem.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The OpenAPI document of all routes. */
    openApi(): Promise<OpenApi>;
  }
}

const problem = (description: string) => ({ description, content: { [PROBLEM_TYPE]: { schema: Problem } } });

/** Every documented route may fail like this. */
export const ERROR_RESPONSES = {
  '4xx': problem('Refused.'),
  '5xx': problem('Failed; `instance` finds the cause in the log.'),
};

/**
 * Has to be called before there are routes to describe. Hardly any run is asked for the document, so what makes it is
 * loaded when the first one is.
 */
export function describeRoutes(app: FastifyInstance, version: string): void {
  const routes: RouteOptions[] = [];
  let document: Promise<OpenApi> | undefined;
  app.addHook('onRoute', (route) => {
    if (!route.schema?.hide && route.method !== 'HEAD') routes.push(route);
  });
  app.decorate('openApi', () => {
    document ??= import('./openapi.ts').then(({ writeOpenApi }) => writeOpenApi(routes, version));
    return document;
  });
}

/** The documents for machines, and `/docs` for people. None changes while the daemon runs. */
export function addDocs(app: FastifyInstance, version: string): void {
  const documents: Readonly<Record<string, () => Promise<object>>> = {
    '/openapi.json': () => app.openApi(),
    '/openrpc.json': async () => (await import('./documents/openrpc.ts')).openRpcDocument(version),
    '/asyncapi.json': async () => (await import('./documents/asyncapi.ts')).asyncApiDocument(version),
  };
  for (const [address, describe] of Object.entries(documents)) {
    addDocument(app, address, async () => ({
      type: 'application/json',
      text: JSON.stringify(await describe()),
    }));
  }
  addDocument(app, '/openapi.yaml', async () => {
    const { stringify } = await import('yaml');
    return { type: 'application/yaml', text: stringify(await app.openApi()) };
  });
  addDocument(app, '/llms.txt', async () => {
    const { llmsText } = await import('./documents/llms.ts');
    return { type: 'text/markdown; charset=utf-8', text: llmsText(version) };
  });
  addDocument(app, '/docs', async () => {
    const { docsPage } = await import('./docs-page.ts');
    const { html, headers } = docsPage(await app.openApi());
    return { type: 'text/html; charset=utf-8', text: html, headers };
  });
}
