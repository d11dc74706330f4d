import type { ModelProvider } from '../config/types.ts';
import { type Credential, ModelError } from './types.ts';

const API_BASE_URL = 'https://api.openai.com/v1';
const CHATGPT_BASE_URL = 'https://chatgpt.com/backend-api/codex';

/** Parts of the addresses under which Azure serves the API; it needs `store` (protocol-v1, section 9). */
const AZURE_HOSTS = [
  'openai.azure.',
  'cognitiveservices.azure.',
  'aoai.azure.',
  'azure-api.',
  'azurefd.',
] as const;

export function isAzure({ name, baseUrl = '' }: ModelProvider): boolean {
  return name.toLowerCase() === 'azure' || AZURE_HOSTS.some((part) => baseUrl.includes(part));
}

/**
 * Where a step is sent: the provider's `base_url`; a built-in provider without one has an address for each kind of login.
 * Throws `ModelError` when the address is not one.
 */
export function responsesUrl(provider: ModelProvider, credential: Credential | undefined): URL {
  const loginBaseUrl = credential?.mode === 'chatgpt' ? CHATGPT_BASE_URL : API_BASE_URL;
  const url = parseBaseUrl(provider.baseUrl ?? loginBaseUrl, provider);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/responses`;
  url.search = [url.search.slice(1), ...queryPairs(provider)].filter((part) => part !== '').join('&');
  return url;
}

function queryPairs({ queryParams }: ModelProvider): string[] {
  return Object.entries(queryParams).map((pair) => pair.map(encodeURIComponent).join('='));
}

function parseBaseUrl(base: string, { id }: ModelProvider): URL {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new ModelError(`model provider \`${id}\`: base_url is no http or https address`, {
    retryable: false,
  });
}

/** Whether what is sent there cannot be read on the way: TLS, or it does not leave the machine. */
export function isConfidential({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || isLoopback(hostname);
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
