import { isConfidential } from '../model/endpoint.ts';

export const DEFAULT_ISSUER = 'https://auth.openai.com';

/**
 * Address of the OAuth issuer, without a trailing slash: `CODEXD_AUTH_ISSUER`, or the one of protocol-v1, section 20.
 * Throws an `Error` that is fit to be shown for one that is no address, or that would carry tokens in plain text over a
 * network.
 */
export function issuerAddress(env: NodeJS.ProcessEnv): string {
  const given = env.CODEXD_AUTH_ISSUER;
  if (!given) return DEFAULT_ISSUER;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash) {
    throw new Error('CODEXD_AUTH_ISSUER is no http or https address');
  }
  if (!isConfidential(url)) throw new Error('CODEXD_AUTH_ISSUER: plain http is for loopback only; use https');
  return url.href.replace(/\/+$/, '');
}
