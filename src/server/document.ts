import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

export interface DocumentContent {
  readonly type: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page that is made once, and that whoever has it already is not sent again. */
export function addDocument(
  app: FastifyInstance,
  address: string,
  make: () => Promise<DocumentContent>,
): void {
  let made: ReturnType<typeof withTag> | undefined;
  app.get(address, { schema: { hide: true } }, async (request, reply) => {
    made ??= withTag(make());
    const { type, text, headers = {}, etag } = await made;
    reply.headers(headers).header('etag', etag);
    if (knows(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.type(type).send(text);
  });
}

async function withTag(
  making: Promise<DocumentContent>,
): Promise<DocumentContent & { readonly etag: string }> {
  const content = await making;
  return { ...content, etag: `"${createHash('sha256').update(content.text).digest('base64url')}"` };
}

const knows = (header: string | undefined, etag: string): boolean =>
  header?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*') ?? false;
