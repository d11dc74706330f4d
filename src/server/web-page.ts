import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { RpcError } from '../protocol/errors.ts';
import { PAGE_PROTECTION, type Page } from './access/page.ts';

/** The page as it was built: its document, and the files with a hash in their names that it loads. */
export interface WebPage extends Page {
  readonly files: ReadonlyMap<string, WebFile>;
}

interface WebFile {
  readonly type: string;
  readonly bytes: Buffer;
}

const TYPES: readonly (readonly [string, string])[] = [
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
];

/** Everything is the daemon's own; pictures may also be data that the page has already (SEC-UI-1). */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** @returns `undefined` when the page was not built, as when the daemon runs from its sources */
export function loadWebPage(folder: string): WebPage | undefined {
  const html = readIfThere(join(folder, 'index.html'));
  if (html === undefined) return undefined;
  const files = readdirSync(folder).flatMap((name) => {
    const type = TYPES.find(([ending]) => name.endsWith(ending))?.[1];
    return type === undefined ? [] : [[name, { type, bytes: readFileSync(join(folder, name)) }] as const];
  });
  return {
    html,
    headers: { ...PAGE_PROTECTION, 'content-security-policy': POLICY },
    files: new Map(files),
  };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The files may be kept for good: other contents have other names. */
export function addWebFiles(app: FastifyInstance, { files }: WebPage): void {
  app.get<{ Params: { file: string } }>('/page/:file', { schema: { hide: true } }, (request, reply) => {
    const file = files.get(request.params.file);
    if (!file) throw new RpcError('notFound', 'no such file', { reason: 'route_not_found' });
    return reply
      .header('cache-control', 'private, max-age=31536000, immutable')
      .type(file.type)
      .send(file.bytes);
  });
}
