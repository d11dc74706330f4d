import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** A page that needs nothing but itself. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Parts {
  readonly title: string;
  readonly style: string;
  readonly body: string;
  /** None when left out. */
  readonly script?: string;
}

/** Keeps other pages from framing, opening or reading this one, and the page from what it does not need (SEC-UI-1). */
export const PAGE_PROTECTION = {
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), clipboard-read=(), usb=(), serial=()',
  'origin-agent-cluster': '?1',
};

/** The one script, if there is one, and the one style may run because their hashes are in the policy. */
export function createPage({ title, style, body, script }: Parts): Page {
  const code = script === undefined ? '' : `<script>${script}</script>`;
  return {
    html: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style></head>
<body>${body}${code}</body></html>
`,
    headers: {
      ...PAGE_PROTECTION,
      'content-security-policy': [
        "default-src 'none'",
        `script-src ${script === undefined ? "'none'" : `'${hash(script)}'`}`,
        `style-src '${hash(style)}'`,
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ].join('; '),
    },
  };
}

const hash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

export const sendPage = (reply: FastifyReply, page: Page): FastifyReply =>
  reply.headers(page.headers).type('text/html; charset=utf-8').send(page.html);
