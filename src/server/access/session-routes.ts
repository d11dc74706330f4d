import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RpcError } from '../../protocol/errors.ts';
import { unauthorized } from '../credential.ts';
import { ERROR_RESPONSES } from '../docs.ts';
import { SIGN_IN } from '../gate.ts';
import { readSessionCookie, sessionCookie, withoutSessionCookie } from './cookie.ts';
import type { Failures } from './failures.ts';
import type { Keyring } from './keyring.ts';
import { SESSION_LIFETIME } from './sessions.ts';
import { CODE_LIFETIME } from './sign-in-codes.ts';

export interface SessionRoutesOptions {
  readonly keyring: Keyring;
  readonly failures: Failures;
  readonly publicUrl: string | undefined;
  /** Port of the TCP listener. */
  readonly port: () => number;
  readonly log: FastifyBaseLogger;
}

const MAX_SECRET = 4_096;
const Secret = z.string().min(1).max(MAX_SECRET);
const SignIn = z.union([z.strictObject({ code: Secret }), z.strictObject({ token: Secret })]).meta({
  description: 'The code of the fragment that `codexd open` and `codexd url --browser` give, or the token.',
});

const expiry = (what: string) => z.iso.datetime().meta({ description: `When the ${what} ends.` });

const SIGN_IN_SCHEMA = {
  operationId: 'signIn',
  summary: 'Sign a browser in: a single-use code or the token becomes a cookie.',
  description:
    'For pages of the daemon itself: needs a same-origin request with `X-Codexd-Client: 1`, and no other credential.',
  tags: ['server'],
  security: [] as Record<string, string[]>[],
  body: SignIn,
  response: { 200: z.object({ expiresAt: expiry('session') }), ...ERROR_RESPONSES },
};

const SIGN_OUT_SCHEMA = {
  operationId: 'signOut',
  summary: "End the browser's session and all that it opened.",
  tags: ['server'],
  response: { 200: z.object({}), ...ERROR_RESPONSES },
};

const CODE_SCHEMA = {
  operationId: 'createSignInCode',
  summary: 'Make a code that signs one browser in, once, within a minute.',
  description:
    'For who has the token or uses the unix socket. The code belongs behind `/#code=` of an address.',
  tags: ['server'],
  response: { 201: z.object({ code: z.string(), expiresAt: expiry('code') }), ...ERROR_RESPONSES },
};

/** How a browser gets a session and loses it (SEC-TOK-6). */
export function addSessionRoutes(app: FastifyInstance, options: SessionRoutesOptions): void {
  const { keyring } = options;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.post(SIGN_IN, { schema: SIGN_IN_SCHEMA }, (request, reply) => {
    const refusal = options.failures.holdBack(request.raw) ?? refuseSecret(request.body, request, options);
    if (refusal) throw refusal;
    const cookie = sessionCookie(keyring.sessions.open(), SESSION_LIFETIME, scopeOf(request, options));
    reply.header('set-cookie', cookie);
    return { expiresAt: fromNow(SESSION_LIFETIME) };
  });

  typed.delete(SIGN_IN, { schema: SIGN_OUT_SCHEMA }, (request, reply) => {
    signOut(request, reply, options);
    return {};
  });

  typed.post(`${SIGN_IN}/codes`, { schema: CODE_SCHEMA }, (request, reply) => {
    if (request.access.via === 'session') throw needsToken();
    reply.code(201);
    return { code: keyring.codes.mint(), expiresAt: fromNow(CODE_LIFETIME) };
  });
}

function refuseSecret(
  secret: z.infer<typeof SignIn>,
  request: FastifyRequest,
  { keyring, failures, log }: SessionRoutesOptions,
): RpcError | undefined {
  if ('token' in secret) {
    return keyring.token.present(secret.token)
      ? undefined
      : failures.count(request.raw, unauthorized('credential_invalid'));
  }
  const redemption = keyring.codes.redeem(secret.code);
  if (redemption === 'good') return undefined;
  if (redemption === 'used') log.warn({ requestId: request.id }, 'a sign-in code was brought a second time');
  return failures.count(request.raw, unauthorized('bootstrap_invalid'));
}

function signOut(request: FastifyRequest, reply: FastifyReply, options: SessionRoutesOptions): void {
  const id = readSessionCookie(request.raw, options.port());
  if (id !== undefined) options.keyring.sessions.close(id);
  reply.header('set-cookie', withoutSessionCookie(scopeOf(request, options)));
}

/** Behind a proxy that speaks TLS, the page's origin is the public one. */
const scopeOf = ({ headers }: FastifyRequest, { publicUrl, port }: SessionRoutesOptions) => ({
  port: port(),
  secure: publicUrl?.startsWith('https:') === true && headers.origin === publicUrl,
});

/** @param duration milliseconds */
const fromNow = (duration: number): string => new Date(Date.now() + duration).toISOString();

const needsToken = (): RpcError =>
  new RpcError('forbidden', 'a code is for those who have the token: use the token or the unix socket', {
    reason: 'token_needed',
  });
