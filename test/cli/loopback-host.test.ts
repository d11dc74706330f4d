import { describe, expect, test } from 'vitest';
import { resolveLoopbackHost } from '../../src/cli/loopback-host.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

describe('SEC-BIND-1: the address to listen on', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.8.9.10', '127.8.9.10'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['localhost', '127.0.0.1'],
  ])('%s is loopback', async (host, address) => {
    expect(await resolveLoopbackHost(host)).toBe(address);
  });

  test.each(['0.0.0.0', '::', '0', '10.1.2.3', 'fe80::1', '::ffff:10.1.2.3', '128.0.0.1', ''])(
    '%j is refused with a recipe',
    async (host) => {
      const refusal = await resolveLoopbackHost(host).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(UsageError);
      expect((refusal as UsageError).message).toMatch(/ssh -N -L 4517:127\.0\.0\.1:4517|cannot be resolved/);
    },
  );
});
