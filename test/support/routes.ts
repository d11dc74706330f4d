import type { FastifyInstance } from 'fastify';

export interface Route {
  method: string;
  url: string;
}

/** The routes that an app has at this moment, read off the router's own tree. */
export function routesOf(app: FastifyInstance): Route[] {
  const parents: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', segment = '', methods = ''] = /^(.*)── (\S*) \((.*)\)/.exec(line) ?? [];
      if (segment === '') return [];
      const depth = (indent.length - 1) / 4;
      parents.length = depth;
      const url = parents.join('') + segment;
      parents.push(segment);
      return methods.split(', ').map((method) => ({ method, url }));
    });
}
