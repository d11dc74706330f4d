import type { Server } from 'node:http';
import {
  type FastifyBaseLogger,
  type FastifyHttpOptions,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { MAX_BODY } from './body.ts';
import { answerClientError } from './client-error.ts';
import { createRequestIds } from './request-id.ts';
import { zodCompilers } from './zod-compilers.ts';

type BadUrl = (request: FastifyRequest, reply: FastifyReply) => void;

const seconds = (count: number): number => count * 1_000;

/** Limits and timeouts of the HTTP server; Fastify's defaults leave most of them open (security, section 10). */
/** @param requestTimeout milliseconds for a whole request */
export function serverOptions(
  log: FastifyBaseLogger,
  answerBadUrl: BadUrl,
  requestTimeout: number = seconds(30),
) {
  return {
    loggerInstance: log,
    schemaController: zodCompilers,
    logController: new LogController({ disableRequestLogging: true }),
    // A child logger per request costs more than the small calls themselves; log lines name the request instead.
    childLoggerFactory: (logger) => logger,
    genReqId: createRequestIds(),
    bodyLimit: MAX_BODY,
    // Ids of any length have to reach their schema, which says what is wrong with them.
    routerOptions: { maxParamLength: 16 * 1024 },
    requestTimeout,
    keepAliveTimeout: seconds(15),
    maxRequestsPerSocket: 1_000,
    // The gate refuses with a problem document.
    return503OnClosing: false,
    frameworkErrors: (_error, request, reply) =>
      answerBadUrl(request as FastifyRequest, reply as FastifyReply),
    clientErrorHandler: answerClientError,
    http: {
      maxHeaderSize: 16 * 1024,
      headersTimeout: Math.min(seconds(5), requestTimeout),
      connectionsCheckingInterval: seconds(1),
      // The gate says what is wrong with the Host header, and lets it be on the unix socket.
      requireHostHeader: false,
      // Other protocols that a client offers to switch to (`h2c`) are ignored, as HTTP asks for.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
  } satisfies FastifyHttpOptions<Server>;
}
