import { validateHeaderName, validateHeaderValue } from 'node:http';
import { COMPATIBLE_VERSION } from '../user-agent.ts';
import { ConfigError } from './load.ts';
import type { ConfigToml, ModelProviderToml } from './schema.ts';
import { toTimerMs } from './timer.ts';
import type { ModelProvider } from './types.ts';

export const DEFAULT_PROVIDER = 'openai';

/** Where providers come from: `extra` beats the built-in `openai`, that beats what `config.toml` defines. */
export interface ProviderSources {
  readonly defined: ConfigToml['model_providers'];
  readonly extra: Readonly<Record<string, ModelProvider>> | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** The provider with that id. Throws `ConfigError` of kind `value` when there is none. */
export function selectProvider(id: string, sources: ProviderSources): ModelProvider {
  const provider = findProvider(id, sources);
  if (provider !== undefined) return provider;
  throw new ConfigError('value', `Model provider \`${id}\` not found`, { key: 'model_provider' });
}

/** Throws `ConfigError` of kind `value` when requests cannot be sent to the provider. */
export function requireUsable(provider: ModelProvider): void {
  requireResponsesApi(provider);
  requireBaseUrl(provider);
  requireSendableHeaders(provider);
}

function findProvider(
  id: string,
  { defined = {}, extra = {}, env }: ProviderSources,
): ModelProvider | undefined {
  if (Object.hasOwn(extra, id)) return extra[id];
  // A definition of `openai` in the file has no effect, as in the reference.
  if (id === DEFAULT_PROVIDER) return openai(env);
  const definition = Object.hasOwn(defined, id) ? defined[id] : undefined;
  if (definition !== undefined) return fromFile(id, definition);
  return id === 'oss' ? OSS : undefined;
}

const DEFAULTS = {
  envKey: undefined,
  envKeyInstructions: undefined,
  queryParams: {},
  httpHeaders: {},
  envHttpHeaders: {},
  requestMaxRetries: 4,
  streamMaxRetries: 5,
  streamIdleTimeoutMs: 300_000,
  requiresOpenaiAuth: false,
} as const;

function openai(env: NodeJS.ProcessEnv): ModelProvider {
  return {
    ...DEFAULTS,
    id: DEFAULT_PROVIDER,
    name: 'OpenAI',
    baseUrl: withoutTrailingSlash(env.OPENAI_BASE_URL?.trim() || undefined),
    wireApi: 'responses',
    httpHeaders: { version: COMPATIBLE_VERSION },
    envHttpHeaders: { 'OpenAI-Organization': 'OPENAI_ORGANIZATION', 'OpenAI-Project': 'OPENAI_PROJECT' },
    requiresOpenaiAuth: true,
  };
}

/** The reference's provider for local models. Known only to say why it cannot be used as it is. */
const OSS: ModelProvider = {
  ...DEFAULTS,
  id: 'oss',
  name: 'gpt-oss',
  baseUrl: 'http://localhost:11434/v1',
  wireApi: 'chat',
};

function fromFile(id: string, toml: ModelProviderToml): ModelProvider {
  return {
    id,
    name: toml.name,
    baseUrl: withoutTrailingSlash(toml.base_url),
    envKey: toml.env_key,
    envKeyInstructions: toml.env_key_instructions,
    wireApi: toml.wire_api ?? 'chat',
    queryParams: toml.query_params ?? DEFAULTS.queryParams,
    httpHeaders: toml.http_headers ?? DEFAULTS.httpHeaders,
    envHttpHeaders: toml.env_http_headers ?? DEFAULTS.envHttpHeaders,
    requestMaxRetries: toml.request_max_retries ?? DEFAULTS.requestMaxRetries,
    streamMaxRetries: toml.stream_max_retries ?? DEFAULTS.streamMaxRetries,
    streamIdleTimeoutMs: toTimerMs(toml.stream_idle_timeout_ms ?? DEFAULTS.streamIdleTimeoutMs),
    requiresOpenaiAuth: toml.requires_openai_auth ?? DEFAULTS.requiresOpenaiAuth,
  };
}

function withoutTrailingSlash(url: string | undefined): string | undefined {
  return url?.replace(/\/+$/, '');
}

function requireResponsesApi(provider: ModelProvider): void {
  if (provider.wireApi === 'responses') return;
  const fault =
    'speaks Chat Completions (`wire_api` is "chat", which is also its default); codexd speaks the Responses API only: ' +
    `set \`wire_api = "responses"\` in [model_providers.${provider.id}]`;
  throw faultIn(provider, 'wire_api', fault);
}

function requireBaseUrl(provider: ModelProvider): void {
  const builtIn = provider.id === DEFAULT_PROVIDER;
  if (provider.baseUrl === undefined) {
    if (builtIn) return;
    throw faultIn(
      provider,
      'base_url',
      `has no address: set \`base_url\` in [model_providers.${provider.id}]`,
    );
  }
  if (/^https?:$/.test(URL.parse(provider.baseUrl)?.protocol ?? '')) return;
  if (builtIn)
    throw new ConfigError('value', 'OPENAI_BASE_URL in the environment is not an http or https URL');
  throw faultIn(provider, 'base_url', 'has a `base_url` that is not an http or https URL');
}

function requireSendableHeaders(provider: ModelProvider): void {
  for (const [name, value] of Object.entries(provider.httpHeaders)) {
    if (!isSendable(name, value)) {
      throw faultIn(provider, `http_headers.${name}`, `has an http header \`${name}\` that cannot be sent`);
    }
  }
}

function isSendable(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

function faultIn(provider: ModelProvider, key: string, fault: string): ConfigError {
  return new ConfigError('value', `model provider \`${provider.id}\` ${fault}`, {
    key: `model_providers.${provider.id}.${key}`,
  });
}
