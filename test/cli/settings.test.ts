import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveSettings, type SettingFlags } from '../../src/cli/settings.ts';
import type { Override } from '../../src/core/config/overrides.ts';
import { temporaryFolder } from '../daemon/temporary-folder.ts';

interface Sources {
  flags?: SettingFlags;
  overrides?: Override[];
  env?: NodeJS.ProcessEnv;
  file?: string;
}

function resolve({ flags = {}, overrides = [], env = {}, file }: Sources) {
  const home = temporaryFolder();
  if (file !== undefined) writeFileSync(join(home, 'config.toml'), file);
  return resolveSettings(flags, overrides, env, home);
}

describe('the settings of serve', () => {
  test('have documented defaults', async () => {
    expect(await resolve({})).toEqual({
      host: '127.0.0.1',
      port: 4517,
      socket: undefined,
      logLevel: 'info',
      logFormat: undefined,
      drainMs: 30_000,
      unloadAfterMs: 60_000,
      approvalTimeoutMs: 0,
      exposure: { allowedHosts: [], allowedOrigins: [], publicUrl: undefined, trustedProxies: [] },
    });
  });

  test('come from the table [server] of config.toml', async () => {
    const file = `
      model = "o3"
      [server]
      host = "::1"
      port = 0
      socket = false
      log_level = "debug"
      log_format = "json"
      drain_seconds = 1.5
      unload_seconds = 0
      approval_timeout_seconds = 90
      allowed_hosts = ["my.box"]
      allowed_origins = ["https://app.example"]
      public_url = "https://codexd.example/"
      trust_proxy = ["10.0.0.0/8"]
      unknown = "passed over"
    `;
    expect(await resolve({ file })).toEqual({
      host: '::1',
      port: 0,
      socket: false,
      logLevel: 'debug',
      logFormat: 'json',
      drainMs: 1_500,
      unloadAfterMs: 0,
      approvalTimeoutMs: 90_000,
      exposure: {
        allowedHosts: ['my.box'],
        allowedOrigins: ['https://app.example'],
        publicUrl: 'https://codexd.example',
        trustedProxies: ['10.0.0.0/8'],
      },
    });
  });

  test('flag beats -c beats environment beats config.toml beats default', async () => {
    const sources: Sources = {
      flags: { logLevel: 'trace' },
      overrides: [['server.log_level', 'debug']],
      env: { CODEXD_LOG: 'warn' },
      file: '[server]\nlog_level = "error"',
    };
    const order: string[] = [];
    for (const strongest of ['flags', 'overrides', 'env', 'file'] as const) {
      order.push((await resolve(sources)).logLevel);
      delete sources[strongest];
    }
    order.push((await resolve(sources)).logLevel);
    expect(order).toEqual(['trace', 'debug', 'warn', 'error', 'info']);
  });

  test.each([
    [{ env: { CODEXD_LOG: 'loud' } }, /CODEXD_LOG: loud is none of trace/],
    [{ file: '[server]\nport = 70000' }, /config\.toml: server\.port: /],
    [{ file: 'server = 1' }, /config\.toml: server: /],
    [{ overrides: [['server.drain_seconds', 'long'] as const] }, /-c: server\.drain_seconds: /],
    [{ file: '[server]\nhost = "10.0.0.1"' }, /ssh -N -L/],
    [{ flags: { allowedHost: ['*.example'] } }, /--allowed-host \*\.example: /],
    [{ flags: { allowedHost: ['my.box:4517'] } }, /--allowed-host my\.box:4517: /],
    [{ flags: { trustProxy: ['10.0.0.0/33'] } }, /--trust-proxy 10\.0\.0\.0\/33: /],
    [{ flags: { trustProxy: ['all'] } }, /--trust-proxy all: /],
    [{ flags: { publicUrl: 'https://a.example/path' } }, /--public-url https:\/\/a\.example\/path: /],
  ])('a wrong value in %j is refused by name', async (sources: Sources, message) => {
    await expect(resolve(sources)).rejects.toThrow(message);
  });

  test.each([
    '*',
    'null',
    'https://*.example',
    'app.example',
    'ftp://a.example',
    'https://a.example/x',
    'https://a.example?x',
    'https://u@a.example',
  ])('SEC-ORIG-1: %j is refused as an allowed origin', async (origin) => {
    const refused = resolve({ flags: { allowedOrigin: [origin] } });
    await expect(refused).rejects.toThrow(/--allowed-origin .*: an origin has a scheme/);
  });
});
