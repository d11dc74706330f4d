import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** An answer of the callback server. Everything in it is fixed text, except where a redirect leads. */
export interface Page {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:20vh auto;max-width:30rem;padding:0 1rem;text-align:center}' +
  '@media(prefers-color-scheme:dark){body{background:#111;color:#eee}}';

const SUCCESS = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Signed in</title>
<style>${STYLE}</style></head>
<body><h1>You are signed in</h1><p>Every client of codexd on this machine is. You can close this page.</p></body>
</html>
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

export const successPage: Page = {
  status: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'`,
  },
  body: SUCCESS,
};

export function textPage(status: number, body: string, headers: Record<string, string> = {}): Page {
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=UTF-8',
      'content-security-policy': "default-src 'none'",
      ...headers,
    },
    body,
  };
}

export const redirectTo = (location: string): Page => ({ status: 302, headers: { location } });

/** Addresses of this server hold codes and tokens, so nothing of them is kept or passed on. */
const ALWAYS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
};

export function sendPage(response: ServerResponse, { status, headers, body = '' }: Page): void {
  response.writeHead(status, { ...ALWAYS, ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
