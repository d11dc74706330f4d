import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/core/config/load.ts';
import { type ResolveInput, resolveConfig, resolveProcessConfig } from '../../../src/core/config/resolve.ts';
import type { ModelProvider } from '../../../src/core/config/types.ts';

const input = (toml: string, more: Partial<ResolveInput> = {}): ResolveInput => ({
  file: parseConfig(toml, 'config.toml'),
  cliOverrides: [],
  processCwd: '/daemon',
  env: {},
  ...more,
});

const provider = async (toml: string, more: Partial<ResolveInput> = {}) =>
  (await resolveConfig(input(toml, more))).modelProvider;

const using = (lines: string, id = 'm') =>
  `model_provider = "${id}"\n[model_providers.${id}]\nname = "M"\n${lines}\n`;
const USABLE = 'base_url = "http://127.0.0.1:1/v1"\nwire_api = "responses"';

describe('the built-in provider', () => {
  test('has no address of its own, needs OpenAI credentials and sends its version', async () => {
    expect(await provider('')).toEqual({
      id: 'openai',
      name: 'OpenAI',
      baseUrl: undefined,
      envKey: undefined,
      envKeyInstructions: undefined,
      wireApi: 'responses',
      queryParams: {},
      httpHeaders: { version: '0.36.0' },
      envHttpHeaders: { 'OpenAI-Organization': 'OPENAI_ORGANIZATION', 'OpenAI-Project': 'OPENAI_PROJECT' },
      requestMaxRetries: 4,
      streamMaxRetries: 5,
      streamIdleTimeoutMs: 300_000,
      requiresOpenaiAuth: true,
    });
  });

  test.each([
    ['https://x.test/v1/', 'https://x.test/v1'],
    ['  ', undefined],
    [undefined, undefined],
  ])('takes OPENAI_BASE_URL=%j from the given environment', async (value, baseUrl) => {
    expect((await provider('', { env: { OPENAI_BASE_URL: value } })).baseUrl).toBe(baseUrl);
  });

  test('refuses an OPENAI_BASE_URL that is none', async () => {
    await expect(provider('', { env: { OPENAI_BASE_URL: 'x.test' } })).rejects.toThrow(
      'OPENAI_BASE_URL in the environment is not an http or https URL',
    );
  });

  test('cannot be redefined by config.toml, as observed', async () => {
    expect(await provider(using(USABLE, 'openai'))).toMatchObject({ name: 'OpenAI', baseUrl: undefined });
  });
});

describe('a provider of config.toml', () => {
  test('has the defaults of the reference and no trailing slash', async () => {
    expect(await provider(using('base_url = "http://127.0.0.1:1/v1//"\nwire_api = "responses"'))).toEqual({
      id: 'm',
      name: 'M',
      baseUrl: 'http://127.0.0.1:1/v1',
      envKey: undefined,
      envKeyInstructions: undefined,
      wireApi: 'responses',
      queryParams: {},
      httpHeaders: {},
      envHttpHeaders: {},
      requestMaxRetries: 4,
      streamMaxRetries: 5,
      streamIdleTimeoutMs: 300_000,
      requiresOpenaiAuth: false,
    });
  });

  test('takes every key', async () => {
    const lines = `${USABLE}
env_key = "K"
env_key_instructions = "get one"
query_params = { a = "1" }
http_headers = { b = "2" }
env_http_headers = { c = "C" }
request_max_retries = 0
stream_max_retries = 1
stream_idle_timeout_ms = 99999999999
requires_openai_auth = true`;
    expect(await provider(using(lines))).toMatchObject({
      envKey: 'K',
      envKeyInstructions: 'get one',
      queryParams: { a: '1' },
      httpHeaders: { b: '2' },
      envHttpHeaders: { c: 'C' },
      requestMaxRetries: 0,
      streamMaxRetries: 1,
      streamIdleTimeoutMs: 2 ** 31 - 1,
      requiresOpenaiAuth: true,
    });
  });

  test('can be completed by an override inside its table', async () => {
    const cliOverrides = [['model_providers.m.base_url', 'http://127.0.0.1:2']] as const;
    expect((await provider(using(USABLE), { cliOverrides })).baseUrl).toBe('http://127.0.0.1:2');
  });

  const CHAT = 'codexd speaks the Responses API only: set `wire_api = "responses"` in [model_providers.m]';
  test.each([
    ['speaks chat', 'base_url = "http://x.test"\nwire_api = "chat"', CHAT, 'wire_api'],
    ['has no wire_api', 'base_url = "http://x.test"', CHAT, 'wire_api'],
    ['has no base_url', 'wire_api = "responses"', 'set `base_url` in [model_providers.m]', 'base_url'],
    ['has no URL', 'base_url = "x.test"\nwire_api = "responses"', 'not an http or https URL', 'base_url'],
    [
      'has a file URL',
      'base_url = "file:///x"\nwire_api = "responses"',
      'not an http or https URL',
      'base_url',
    ],
    [
      'has a bad header name',
      `${USABLE}\nhttp_headers = { "a b" = "1" }`,
      'header `a b` that cannot be sent',
      'http_headers.a b',
    ],
    [
      'has a bad header value',
      `${USABLE}\nhttp_headers = { a = "s3\\ncret" }`,
      'header `a` that cannot be sent',
      'http_headers.a',
    ],
  ])('that %s is refused with its name and the key', async (_, lines, message, key) => {
    const error = await provider(using(lines)).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ConfigError', kind: 'value', key: `model_providers.m.${key}` });
    expect(String(error)).toContain('model provider `m`');
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain('cret');
  });

  test('that is not selected may be unusable', async () => {
    expect((await provider('[model_providers.m]\nname = "M"\n')).id).toBe('openai');
  });

  test('may be unusable where no model is needed', async () => {
    const config = await resolveProcessConfig(input(using('wire_api = "chat"')));
    expect(config.modelProvider).toMatchObject({ id: 'm', wireApi: 'chat' });
  });
});

describe('choosing a provider', () => {
  test.each(['nope', '', 'constructor', '__proto__'])('an unknown one, %j, is an error', async (id) => {
    const message = `Model provider \`${id}\` not found`;
    await expect(provider(`model_provider = "${id}"`)).rejects.toMatchObject({
      name: 'ConfigError',
      kind: 'value',
      message,
    });
  });

  test('oss is known, speaks chat and is refused until config.toml defines it', async () => {
    await expect(provider('model_provider = "oss"')).rejects.toThrow('in [model_providers.oss]');
    expect(await provider(using(USABLE, 'oss'))).toMatchObject({ id: 'oss', name: 'M' });
  });

  const demo: ModelProvider = {
    id: 'demo',
    name: 'Demo',
    baseUrl: 'http://127.0.0.1:3',
    envKey: undefined,
    envKeyInstructions: undefined,
    wireApi: 'responses',
    queryParams: {},
    httpHeaders: {},
    envHttpHeaders: {},
    requestMaxRetries: 0,
    streamMaxRetries: 0,
    streamIdleTimeoutMs: 1000,
    requiresOpenaiAuth: false,
  };

  test('an extra provider is never chosen by itself and beats a definition of the same id', async () => {
    expect((await provider('', { extraProviders: { demo } })).id).toBe('openai');
    expect(await provider(using(USABLE, 'demo'), { extraProviders: { demo } })).toBe(demo);
  });

  test('the provider that the daemon was started for beats file, override and profile', async () => {
    const toml = 'model_provider = "nope"\nprofile = "p"\n[profiles.p]\nmodel_provider = "nope"\n';
    const more = {
      cliOverrides: [['model_provider', 'nope']],
      extraProviders: { demo },
      modelProvider: 'demo',
    } as const;
    const config = await resolveConfig(input(toml, more));
    expect(config.modelProvider).toBe(demo);
    expect(config.origins.get('model_provider')).toBe('cli');
  });
});
