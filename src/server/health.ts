import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

export interface Readiness {
  readonly ready: boolean;
  /** Why not, in words that may be public. */
  readonly reasons: readonly string[];
}

const NO_CREDENTIAL: readonly Record<string, readonly string[]>[] = [];
const Ready = z.object({ status: z.enum(['ready', 'not_ready']), reasons: z.array(z.string()) });

/** Public: they tell whether the daemon lives and takes work, and nothing else. */
export function addHealth(app: FastifyInstance, readiness: () => Readiness): void {
  const common = { tags: ['server'], security: NO_CREDENTIAL };
  app.get(
    '/healthz',
    {
      schema: {
        ...common,
        operationId: 'health',
        summary: 'Whether the daemon lives.',
        response: { 200: z.object({ status: z.literal('ok') }) },
      },
    },
    () => ({ status: 'ok' }),
  );
  app.get(
    '/readyz',
    {
      schema: {
        ...common,
        operationId: 'readiness',
        summary: 'Whether the daemon takes work.',
        response: { 200: Ready, 503: Ready.describe('Not now, for these reasons.') },
      },
    },
    (_request, reply) => {
      const { ready, reasons } = readiness();
      if (!ready) reply.header('retry-after', '1');
      return reply
        .code(ready ? 200 : 503)
        .send({ status: ready ? 'ready' : 'not_ready', reasons: [...reasons] });
    },
  );
}
