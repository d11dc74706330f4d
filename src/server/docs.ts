import type { FastifyInstance, RouteOptions } from 'fastify';
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

/** `/openapi.json`, and `/docs` for people. */
export function addDocs(app: FastifyInstance): void {
  app.get('/openapi.json', { schema: { hide: true } }, () => app.openApi());
  app.get('/docs', { schema: { hide: true } }, async (_request, reply) => {
    const { docsPage } = await import('./docs-page.ts');
    const { headers, html } = docsPage(await app.openApi());
    return reply.headers(headers).type('text/html; charset=utf-8').send(html);
  });
}
