import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { type Account, CANARY, drawTokens, type TokenSet, X } from './tokens.ts';

/** A request to the token endpoint, with what became of it. */
export interface TokenRequest {
  readonly grant: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly status: number;
}

export interface TestIssuer {
  readonly url: string;
  readonly requests: TokenRequest[];
  /** Refreshes with a token that had been spent. */
  reuses: number;
  /** Who signs in at the page of the issuer. */
  account: Account;
  /** Whether accounts get API keys. */
  givesApiKeys: boolean;
  /** Replaces the next answer of the token endpoint. */
  nextAnswer: { status: number; body: object } | undefined;
  /** Called before each answer; what it returns is awaited. */
  beforeAnswer: () => Promise<void> | void;
  /** Lifetime that access tokens state, in milliseconds; they state none when absent. */
  expiresInMs: number | undefined;
  /** Tokens of a login that the issuer knows. */
  login(account: Account): TokenSet;
}

interface Authorization {
  readonly account: Account;
  readonly challenge: string;
  readonly redirectUri: string;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** An OAuth issuer on loopback that accepts each refresh token and each code exactly once. */
export async function startIssuer(): Promise<TestIssuer> {
  const issuer: Omit<TestIssuer, 'url'> = {
    requests: [],
    reuses: 0,
    account: X,
    givesApiKeys: false,
    nextAnswer: undefined,
    beforeAnswer: () => undefined,
    expiresInMs: undefined,
    login: (account) => grants.login(account),
  };
  const grants = createGrants(issuer);
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://issuer');
    if (url.pathname === '/oauth/authorize') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(grants.authorize(url.searchParams));
      return;
    }
    if (url.pathname !== '/oauth/token') {
      response.writeHead(404).end();
      return;
    }
    const fields = await readFields(request);
    const answer = issuer.nextAnswer ?? grants.grant(fields);
    issuer.nextAnswer = undefined;
    const contentType = request.headers['content-type'] ?? '';
    issuer.requests.push({ grant: fields.grant_type ?? '', fields, contentType, status: answer.status });
    await issuer.beforeAnswer();
    send(response, answer);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return Object.assign(issuer, { url: `http://127.0.0.1:${port}` });
}

/** What the issuer knows: tokens and codes that have not been spent. */
function createGrants(issuer: Omit<TestIssuer, 'url'>) {
  const live = new Map<string, Account>();
  const codes = new Map<string, Authorization>();

  function login(account: Account): TokenSet {
    const tokens = drawTokens(account, issuer.expiresInMs);
    live.set(tokens.refresh_token, account);
    return tokens;
  }

  function grant(fields: Record<string, string>): Answer {
    if (fields.grant_type === 'refresh_token') return refresh(fields.refresh_token ?? '');
    if (fields.grant_type === 'authorization_code') return redeem(fields);
    if (!issuer.givesApiKeys) return { status: 400, body: { error: 'no_organization' } };
    return { status: 200, body: { access_token: `sk-${CANARY}-${issuer.account.id}` } };
  }

  function refresh(token: string): Answer {
    const account = live.get(token);
    live.delete(token);
    if (account) return { status: 200, body: login(account) };
    issuer.reuses += 1;
    return { status: 401, body: { error: { code: 'refresh_token_reused', message: `spent: ${token}` } } };
  }

  function redeem({ code = '', code_verifier = '', redirect_uri }: Record<string, string>): Answer {
    const authorization = codes.get(code);
    codes.delete(code);
    const challenge = createHash('sha256').update(code_verifier).digest('base64url');
    const isRight = authorization?.challenge === challenge && authorization.redirectUri === redirect_uri;
    return isRight
      ? { status: 200, body: login(authorization.account) }
      : { status: 403, body: { error: 'invalid_code', code } };
  }

  /** What the user sees: one button that signs in. */
  function authorize(query: URLSearchParams): string {
    const code = `${CANARY}-code-${codes.size}`;
    const redirectUri = query.get('redirect_uri') ?? '';
    codes.set(code, { account: issuer.account, challenge: query.get('code_challenge') ?? '', redirectUri });
    const back = `${redirectUri}?code=${code}&state=${query.get('state')}`;
    return `<!doctype html><title>Issuer</title><a id="sign-in" href="${back.replaceAll('&', '&amp;')}">Sign in</a>`;
  }

  return { login, grant, authorize };
}

async function readFields(request: IncomingMessage): Promise<Record<string, string>> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const isJson = request.headers['content-type']?.startsWith('application/json');
  return isJson ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
