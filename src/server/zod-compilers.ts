import type { FastifyServerOptions } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';

const compilersFactory = {
  buildValidator: () => validatorCompiler,
  buildSerializer: () => serializerCompiler,
};

/**
 * Makes Fastify take its schemas from zod. Given from the start, because otherwise Fastify loads its compilers for
 * JSON Schema, which are large. Its type of a factory only knows those.
 */
export const zodCompilers = { compilersFactory } as unknown as NonNullable<
  FastifyServerOptions['schemaController']
>;
