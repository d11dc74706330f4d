import { z } from 'zod';
import { defineMethod, Empty } from '../method.ts';
import { AuthMode } from '../vocabulary/policies.ts';

/** Logins and logouts change one thing, so they do so one after another. */
const lane = { lane: 'auth' } as const;

const LoginId = z
  .uuid()
  .meta({ description: 'From `loginChatGpt`; `loginChatGptComplete` says what became of it.' });

export const getAuthStatus = defineMethod('getAuthStatus', {
  summary: 'Who is signed in, and whether the model provider needs that.',
  params: z.object({
    includeToken: z.boolean().nullish().meta({ description: 'Answer with the credential itself.' }),
    refreshToken: z.boolean().nullish().meta({ description: 'Renew a ChatGPT login first.' }),
  }),
  result: z.object({
    authMethod: AuthMode.optional().meta({ description: 'Left out when there is no usable login.' }),
    authToken: z.string().optional().meta({ description: 'The API key, or the access token.' }),
    requiresOpenaiAuth: z
      .boolean()
      .meta({ description: 'Without it the login is not announced: the provider does not need one.' }),
  }),
  rest: { verb: 'POST', path: '/v1/auth/status', status: 200, reading: 'readAuthStatus' },
  lane: { concurrent: 'refreshing shares one flight, everything else only reads' },
});

export const userInfo = defineMethod('userInfo', {
  summary: 'What the stored login says about its user; nobody has verified it.',
  params: z.object({}),
  result: z.object({
    allegedUserEmail: z
      .string()
      .nullable()
      .meta({ description: 'From the id token in `auth.json`, not verified.' }),
  }),
  rest: { verb: 'GET', path: '/v1/user', status: 200 },
  lane: { concurrent: 'only reads' },
});

/** Printable characters without spaces: what an `Authorization` header can carry. */
const ApiKey = z
  .string()
  .min(1, 'must not be empty')
  .max(4096)
  .regex(/^[\x21-\x7e]*$/, 'has characters that no API key has');

export const loginApiKey = defineMethod('loginApiKey', {
  summary: 'Sign in with an API key, for every client; it is stored in `auth.json`.',
  params: z.object({ apiKey: ApiKey }),
  result: Empty,
  rest: { verb: 'POST', path: '/v1/auth/login/api-key', status: 200 },
  lane,
});

export const loginChatGpt = defineMethod('loginChatGpt', {
  summary: 'Begin a ChatGPT login in a browser; it replaces one that still waits.',
  params: z.object({}),
  result: z.object({
    loginId: LoginId,
    authUrl: z
      .string()
      .meta({ description: 'To be opened in a browser on this machine, within 10 minutes.' }),
  }),
  rest: { verb: 'POST', path: '/v1/auth/login/chatgpt', status: 200 },
  lane,
});

export const cancelLoginChatGpt = defineMethod('cancelLoginChatGpt', {
  summary: 'Give up a ChatGPT login that still waits.',
  params: z.object({ loginId: LoginId }),
  result: Empty,
  rest: { verb: 'DELETE', path: '/v1/auth/login/chatgpt/{loginId}', status: 200 },
  lane,
});

export const logoutChatGpt = defineMethod('logoutChatGpt', {
  summary:
    'Sign out every client: removes the credentials of this machine, whatever their kind, and revokes nothing.',
  params: z.object({}),
  result: Empty,
  rest: { verb: 'POST', path: '/v1/auth/logout', status: 200 },
  lane,
});
