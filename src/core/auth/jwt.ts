import { z } from 'zod';

/** Claims of the issuer's own, under the member that its tokens keep them in (protocol-v1, section 20.1). */
const IssuerClaims = z.looseObject({
  chatgpt_plan_type: z.string().optional().catch(undefined),
  chatgpt_account_id: z.string().optional().catch(undefined),
  organization_id: z.string().optional().catch(undefined),
  project_id: z.string().optional().catch(undefined),
  completed_platform_onboarding: z.boolean().optional().catch(undefined),
  is_org_owner: z.boolean().optional().catch(undefined),
});

const Claims = z
  .looseObject({
    email: z.string().optional().catch(undefined),
    /** Seconds since 1970. */
    exp: z.number().optional().catch(undefined),
    iss: z.string().optional().catch(undefined),
    aud: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .catch(undefined),
    'https://api.openai.com/auth': IssuerClaims.optional().catch(undefined),
  })
  .transform(({ 'https://api.openai.com/auth': issuerClaims, ...claims }) => ({
    ...claims,
    ...issuerClaims,
  }));
export type Claims = z.infer<typeof Claims>;

/**
 * What a JSON web token says, `undefined` when it is none. The signature is not looked at, so nothing here proves
 * anything: it is for showing, and for choosing the account as the provider's own clients do.
 */
export function readClaims(token: string): Claims | undefined {
  const [, payload, signature, ...rest] = token.split('.');
  if (!payload || !signature || rest.length > 0) return undefined;
  try {
    return Claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** When the token expires, in milliseconds since 1970; `undefined` when it does not say. */
export function expiryOf(token: string): number | undefined {
  const exp = readClaims(token)?.exp;
  return exp === undefined ? undefined : exp * 1000;
}
