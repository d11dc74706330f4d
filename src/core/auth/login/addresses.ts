import type { IssuedTokens } from '../issuer.ts';
import { CLIENT_ID } from '../issuer.ts';
import { readClaims } from '../jwt.ts';
import type { LoginSecrets } from './pkce.ts';

/** Where the issuer sends the browser back to; it knows this one address only. */
export const CALLBACK_PORT = 1455;
const HERE = `http://localhost:${CALLBACK_PORT}`;
export const REDIRECT_URI = `${HERE}/auth/callback`;
const PLATFORM = 'https://platform.openai.com';

/** Where the user's browser begins: parameters and their order as in protocol-v1, section 20.5. */
export function authorizeUrl(issuer: string, secrets: LoginSecrets, originator: string): string {
  return `${issuer}/oauth/authorize?${query({
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile email offline_access',
    code_challenge: secrets.codeChallenge,
    code_challenge_method: 'S256',
    id_token_add_organizations: 'true',
    codex_cli_simplified_flow: 'true',
    state: secrets.state,
    originator,
  })}`;
}

/** Where the browser ends, on the same port, with what a page may want to say about the account. */
export function successUrl({ idToken, accessToken }: IssuedTokens): string {
  const claims = readClaims(idToken);
  const needsSetup = claims?.completed_platform_onboarding !== true && claims?.is_org_owner === true;
  return `${HERE}/success?${query({
    id_token: idToken,
    needs_setup: String(needsSetup),
    org_id: claims?.organization_id ?? '',
    project_id: claims?.project_id ?? '',
    plan_type: readClaims(accessToken)?.chatgpt_plan_type ?? '',
    platform_url: PLATFORM,
  })}`;
}

/** Spaces as `%20`, which `URLSearchParams` would write as `+`. */
function query(params: Readonly<Record<string, string>>): string {
  return Object.entries(params)
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&');
}
