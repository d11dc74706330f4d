import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Config } from '../../core/config/types.ts';
import { responsesUrl } from '../../core/model/endpoint.ts';
import type { Home } from '../../daemon/home.ts';
import { findDaemon } from '../../daemon/info.ts';
import { systemErrorCode } from '../../daemon/operator-error.ts';
import { findPortOwner } from '../../daemon/owner.ts';
import { givenUrl, resolveAddress, resolveCredential } from '../connection.ts';
import { resolveSettings } from '../settings.ts';
import type { Finding } from './finding.ts';

type Found = Omit<Finding, 'name'>;

const PATIENCE_MS = 5_000;

/** Whether it runs, answers, and takes the token that clients find. */
export async function checkDaemon({ folder }: Home): Promise<Found> {
  if (givenUrl(process.env) === undefined && (await findDaemon(folder)).state !== 'running') {
    return { state: 'warning', detail: 'no daemon runs', remedy: 'codexd serve' };
  }
  const { url } = await resolveAddress(folder, process.env);
  const { token } = await resolveCredential(folder, process.env);
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/v1/server`, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  await answer.body?.cancel();
  if (answer.ok) return { state: 'ok', detail: `answers on ${url}` };
  return {
    state: 'problem',
    detail: `${url} answers with ${answer.status}`,
    remedy: answer.status === 401 ? 'Unset CODEXD_TOKEN, or set it to what the daemon was started with.' : '',
  };
}

/** Whether `codexd serve` would get its port; nothing to ask while a daemon has it. */
export async function checkPort({ codexHome, folder }: Home): Promise<Found> {
  const { host, port } = await resolveSettings({}, [], process.env, codexHome);
  if ((await findDaemon(folder)).state === 'running') return { state: 'ok', detail: 'taken by the daemon' };
  const trouble = await tryPort(host, port);
  if (trouble === undefined) return { state: 'ok', detail: `${host}:${port} is free` };
  const owner = trouble === 'EADDRINUSE' ? await findPortOwner(port) : undefined;
  const by =
    owner === undefined ? 'another program' : `the codexd of another CODEX_HOME (process ${owner.pid})`;
  return {
    state: 'problem',
    detail: trouble === 'EADDRINUSE' ? `port ${port} is taken by ${by}` : `port ${port}: ${trouble}`,
    remedy: 'Set another one with --port, or as server.port in config.toml.',
  };
}

/** @returns the code of what is in the way */
function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(systemErrorCode(error) ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

interface Login {
  readonly kind: 'chatgpt' | 'apikey' | undefined;
}

/** What `auth.json` holds, as far as its shape tells. */
export async function readLogin({ codexHome }: Home): Promise<Login> {
  try {
    const stored: unknown = JSON.parse(await readFile(join(codexHome, 'auth.json'), 'utf8'));
    const { tokens, OPENAI_API_KEY: key } = Object(stored) as Record<string, unknown>;
    if (tokens) return { kind: 'chatgpt' };
    return { kind: typeof key === 'string' && key !== '' ? 'apikey' : undefined };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return { kind: undefined };
    throw new Error(`auth.json cannot be used: ${error instanceof SyntaxError ? 'it is not JSON' : error}`);
  }
}

export async function checkLogin(settings: Promise<Config>, login: Promise<Login>): Promise<Found> {
  const { kind } = await login;
  if (kind !== undefined) return { state: 'ok', detail: kind === 'chatgpt' ? 'ChatGPT' : 'API key' };
  const { requiresOpenaiAuth, name, envKey } = (await settings).modelProvider;
  if (requiresOpenaiAuth) return { state: 'warning', detail: 'nobody is signed in', remedy: 'codexd login' };
  if (envKey === undefined || process.env[envKey]) return { state: 'ok', detail: `${name} needs none` };
  return {
    state: 'warning',
    detail: `${envKey} is not set`,
    remedy: `Set ${envKey} where codexd serve runs.`,
  };
}

/** Any answer will do: without a credential the provider has to refuse. */
export async function checkModel(settings: Promise<Config>, login: Promise<Login>): Promise<Found> {
  const { kind } = await login.catch((): Login => ({ kind: undefined }));
  const { modelProvider } = await settings;
  const credential = kind === 'chatgpt' ? ({ mode: 'chatgpt', token: '' } as const) : undefined;
  const { origin } = responsesUrl(modelProvider, credential);
  try {
    const answer = await fetch(origin, { method: 'HEAD', signal: AbortSignal.timeout(PATIENCE_MS) });
    await answer.body?.cancel();
    return { state: 'ok', detail: `${origin} answers` };
  } catch (error) {
    const { cause, message } = error as Error;
    return {
      state: 'problem',
      detail: `${origin} cannot be reached: ${systemErrorCode(cause) ?? message}`,
      remedy: 'Look at the network, its proxy, and base_url of the model provider in config.toml.',
    };
  }
}
