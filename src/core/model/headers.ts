import type { ModelProvider } from '../config/types.ts';
import type { Credential } from './types.ts';

/** Names, in lower case, under which a provider's own headers carry secrets. */
const SECRET_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'api-key',
  'x-api-key',
  'cookie',
  'proxy-authorization',
]);

export interface HeaderOptions {
  readonly provider: ModelProvider;
  readonly credential: Credential | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly conversationId: string;
  readonly userAgent: string;
  readonly originator: string;
}

/** All headers of a model request, names in lower case. A provider may replace user agent and originator, no others. */
export function requestHeaders(options: HeaderOptions): Record<string, string> {
  const { provider, credential, env, conversationId } = options;
  return {
    'user-agent': options.userAgent,
    originator: options.originator,
    ...lowerCased(provider.httpHeaders),
    ...fromEnvironment(provider.envHttpHeaders, env),
    'content-type': 'application/json',
    accept: 'text/event-stream',
    'openai-beta': 'responses=experimental',
    conversation_id: conversationId,
    session_id: conversationId,
    ...(credential && credentialHeaders(credential)),
  };
}

/** Whether the headers of a request contain something that others must not read. */
export function carriesSecret({ provider, credential, env }: HeaderOptions): boolean {
  const fromProvider = Object.keys(lowerCased(provider.httpHeaders));
  return (
    credential !== undefined ||
    fromProvider.some((name) => SECRET_HEADERS.has(name)) ||
    Object.keys(fromEnvironment(provider.envHttpHeaders, env)).length > 0
  );
}

function credentialHeaders({ mode, token, accountId }: Credential): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    ...(mode === 'chatgpt' && accountId !== undefined && { 'chatgpt-account-id': accountId }),
  };
}

/** The headers whose variable is set and not blank. */
function fromEnvironment(
  variables: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  const values = Object.entries(variables).map(
    ([header, variable]) => [header, env[variable] ?? ''] as const,
  );
  return lowerCased(Object.fromEntries(values.filter(([, value]) => value.trim() !== '')));
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
