import { describe, expect, it } from 'vitest';
import {
  formatAuthFile,
  parseAuthFile,
  withApiKey,
  withLogin,
  withRenewal,
} from '../../../src/core/auth/auth-file.ts';
import { emailOf, identityOf } from '../../../src/core/auth/identity.ts';
import { chatGptFile, drawTokens, jwt, X } from '../../support/auth/tokens.ts';

const file = chatGptFile(X);
const parse = (content: unknown) => parseAuthFile(JSON.stringify(content));
const methodOf = (content: unknown, forced?: 'apikey' | 'chatgpt') =>
  identityOf(parse(content), 1, forced).method;

describe('auth.json', () => {
  it('means the API key when it has one, and the tokens otherwise', () => {
    expect(methodOf({ ...file, OPENAI_API_KEY: 'sk-1' })).toBe('apikey');
    expect(methodOf(file)).toBe('chatgpt');
    expect(methodOf({ OPENAI_API_KEY: '' })).toBe('apikey');
    expect(methodOf({})).toBe('chatgpt');
  });

  it('means only what the configuration allows, when it allows one method', () => {
    expect(methodOf({ ...file, OPENAI_API_KEY: 'sk-1' }, 'chatgpt')).toBe('chatgpt');
    expect(methodOf(file, 'apikey')).toBeUndefined();
  });

  it.each([
    ['half of it', '{"OPENAI_API_KEY": "sk'],
    ['nothing', ''],
    ['a list', '[]'],
    ['a key that is no text', '{"OPENAI_API_KEY": 1}'],
    ['an id token that is no token', JSON.stringify(chatGptFile(X, { ...drawTokens(X), id_token: 'x' }))],
    ['a missing refresh token', '{"tokens":{"id_token":"a.e30.c","access_token":"a"}}'],
    ['a date that is none', JSON.stringify({ ...file, last_refresh: 'yesterday' })],
  ])('with %s in it is no login', (_, text) => {
    expect(parseAuthFile(text)).toBeUndefined();
  });

  it('SEC-REF-7: keeps the members of others, but not those of another login', () => {
    const before = { ...file, auth_mode: 'chatgpt', theirs: { a: 1 } };
    expect(withApiKey(before, 'sk-1')).toEqual({ OPENAI_API_KEY: 'sk-1', theirs: { a: 1 } });
    const tokens = { idToken: jwt({}), accessToken: 'a', refreshToken: 'r', accountId: undefined };
    const at = new Date('2025-09-10T10:00:00.123Z');
    expect(withLogin(before, { apiKey: undefined, tokens, at })).toEqual({
      OPENAI_API_KEY: null,
      tokens: { id_token: tokens.idToken, access_token: 'a', refresh_token: 'r', account_id: null },
      last_refresh: '2025-09-10T10:00:00.123000000Z',
      theirs: { a: 1 },
    });
  });

  it('keeps everything that a refresh did not renew', () => {
    const before = { ...file, theirs: 1, tokens: { ...(file.tokens as object), theirs: 2 } };
    const after = withRenewal(before, { accessToken: 'new' }, new Date(0));
    expect(after).toEqual({
      ...before,
      tokens: { ...before.tokens, access_token: 'new' },
      last_refresh: '1970-01-01T00:00:00.000000000Z',
    });
  });

  it('is written with two spaces and without a final line break', () => {
    expect(formatAuthFile({ OPENAI_API_KEY: 'sk-1' })).toBe('{\n  "OPENAI_API_KEY": "sk-1"\n}');
  });

  it('SEC-OAUTH-4: names the user without proof', () => {
    expect(emailOf(identityOf(parse(file), 1, undefined))).toBe(X.email);
    const nameless = chatGptFile(X, { ...drawTokens(X), id_token: jwt({ email: 7 }) });
    expect(emailOf(identityOf(parse(nameless), 1, undefined))).toBeUndefined();
  });
});
