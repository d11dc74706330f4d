import { expect, it } from 'vitest';
import { issuerAddress } from '../../../src/core/auth/issuer-address.ts';

const address = (given?: string) => issuerAddress({ CODEXD_AUTH_ISSUER: given });

it('is the public issuer unless another is named', () => {
  expect(address()).toBe('https://auth.openai.com');
  expect(address('')).toBe('https://auth.openai.com');
  expect(address('https://login.example.test/base/')).toBe('https://login.example.test/base');
});

it('may be plain http on this machine only', () => {
  for (const local of ['http://127.0.0.1:9', 'http://localhost:9', 'http://[::1]:9']) {
    expect(address(local)).toBe(local);
  }
  expect(() => address('http://login.example.test')).toThrow(
    'CODEXD_AUTH_ISSUER: plain http is for loopback',
  );
});

it('is refused when it is no address, without repeating what may be a secret', () => {
  for (const wrong of ['login', 'ftp://x', 'https://user:canary@x', 'https://x/?canary']) {
    expect(() => address(wrong)).toThrow(/^CODEXD_AUTH_ISSUER is no http or https address$/);
  }
});
