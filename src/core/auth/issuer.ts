import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { Connections } from '../model/connections.ts';
import type { RenewedTokens } from './auth-file.ts';
import { IssuerError } from './issuer-error.ts';

/** The client that codexd is to the issuer: the same as the reference (protocol-v1, section 20.3). */
export const CLIENT_ID = 'app_EMoamEEZ73f0CkXaXp7hrann';

const TIMEOUT_MS = 30_000;
const MAX_BODY = 1024 * 1024;

export interface IssuedTokens {
  readonly idToken: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** The token endpoint of the issuer (protocol-v1, sections 20.3 and 20.5). All methods throw `IssuerError`. */
export interface Issuer {
  /** Without a trailing slash. */
  readonly address: string;
  /** Spends the refresh token. */
  refresh(refreshToken: string): Promise<RenewedTokens>;
  exchangeCode(grant: CodeGrant, signal: AbortSignal): Promise<IssuedTokens>;
  /** An API key for the account of the id_token. */
  exchangeApiKey(idToken: string, signal: AbortSignal): Promise<string>;
}

export interface CodeGrant {
  readonly code: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
}

export interface IssuerOptions {
  readonly address: string;
  readonly connections: Connections;
  /** Sent along with a refresh. */
  readonly headers: Readonly<Record<string, string>>;
  /** Told of the `Date` of each answer. */
  readonly onDate: (date: string) => void;
}

const text = z.string().nullish();

/** What is `null` or left out stays as it was. An answer without any lasting token renews nothing. */
const Renewal = z
  .object({ id_token: text, access_token: text, refresh_token: text })
  .refine(({ id_token, refresh_token }) => id_token || refresh_token);

const CodeAnswer = z.object({ id_token: z.string(), access_token: z.string(), refresh_token: z.string() });
const ApiKeyAnswer = z.object({ access_token: z.string().min(1) });

export function createIssuer(options: IssuerOptions): Issuer {
  const { address } = options;
  return {
    address,

    async refresh(refreshToken) {
      const body = JSON.stringify({
        client_id: CLIENT_ID,
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        scope: 'openid profile email',
      });
      const headers = { ...options.headers, 'content-type': 'application/json' };
      const renewed = await ask(options, { body, headers }, Renewal);
      return {
        ...(renewed.id_token && { idToken: renewed.id_token }),
        ...(renewed.access_token && { accessToken: renewed.access_token }),
        ...(renewed.refresh_token && { refreshToken: renewed.refresh_token }),
      };
    },

    async exchangeCode({ code, redirectUri, codeVerifier }, signal) {
      const form = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        client_id: CLIENT_ID,
        code_verifier: codeVerifier,
      };
      const tokens = await ask(options, { ...encoded(form), signal }, CodeAnswer);
      return {
        idToken: tokens.id_token,
        accessToken: tokens.access_token,
        refreshToken: tokens.refresh_token,
      };
    },

    async exchangeApiKey(idToken, signal) {
      const form = {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        client_id: CLIENT_ID,
        requested_token: 'openai-api-key',
        subject_token: idToken,
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      };
      return (await ask(options, { ...encoded(form), signal }, ApiKeyAnswer)).access_token;
    },
  };
}

interface TokenRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

function encoded(form: Record<string, string>): TokenRequest {
  const body = Object.entries(form).map((pair) => pair.map(encodeURIComponent).join('='));
  return { body: body.join('&'), headers: { 'content-type': 'application/x-www-form-urlencoded' } };
}

async function ask<T>(options: IssuerOptions, request: TokenRequest, answer: z.ZodType<T>): Promise<T> {
  const { statusCode, body } = await post(options, request);
  if (statusCode < 200 || statusCode > 299) throw refusal(statusCode, body);
  const parsed = answer.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  throw new IssuerError('error decoding response body', { refused: false });
}

async function post(
  { connections, address, onDate }: IssuerOptions,
  { body, headers, signal }: TokenRequest,
): Promise<{ statusCode: number; body: string }> {
  const url = new URL(`${address}/oauth/token`);
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const dispatcher = await connections.dispatcher();
    const response = await dispatcher.request({
      origin: url.origin,
      path: url.pathname,
      method: 'POST',
      headers,
      body,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const { date } = response.headers;
    if (typeof date === 'string') onDate(date);
    return { statusCode: response.statusCode, body: await readBody(response.body) };
  } catch (cause) {
    if (cause instanceof IssuerError) throw cause;
    throw new IssuerError(`error sending request for url (${url.href})`, { refused: false, cause });
  }
}

async function readBody(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY) throw new IssuerError('error decoding response body', { refused: false });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The body is not quoted: it is the issuer's, and may repeat what it was sent. */
function refusal(status: number, body: string): IssuerError {
  const line = STATUS_CODES[status] === undefined ? String(status) : `${status} ${STATUS_CODES[status]}`;
  const code = errorCode(parseJson(body));
  return new IssuerError(line, {
    refused: status === 401 || (code !== undefined && TOKEN_IS_DEAD.has(code)),
    status: line,
  });
}

/** Words with which issuers say that a refresh token was spent, has expired or was revoked. */
const TOKEN_IS_DEAD: ReadonlySet<string> = new Set([
  'invalid_grant',
  'refresh_token_reused',
  'refresh_token_expired',
  'refresh_token_invalidated',
]);

const ErrorAnswer = z.object({
  error: z.union([z.string(), z.object({ code: z.string() }).transform(({ code }) => code)]),
});

function errorCode(body: unknown): string | undefined {
  return ErrorAnswer.safeParse(body).data?.error;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
