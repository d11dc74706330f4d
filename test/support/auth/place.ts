import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Responder } from '../../../src/demo/model-server.ts';
import {
  createPlace,
  type DaemonProcess,
  type Notification,
  type Place,
  SocketClient,
} from '../daemon-process.ts';
import { spawnBridge } from '../stdio-program.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';
import { CANARY } from './tokens.ts';

/** A home with a model that needs a login, and an issuer. */
export interface AuthPlace extends Place {
  readonly issuer: TestIssuer;
  readonly authFile: string;
  /** Writes `auth.json` in place. */
  writeAuth(content: object): void;
  /** The account and the token of the requests to the model so far. */
  signatures(): [token: string | undefined, account: string | undefined][];
}

export async function createAuthPlace(respond: Responder, config = ''): Promise<AuthPlace> {
  const issuer = await startIssuer();
  const place = await createPlace(respond, config);
  const authFile = path.join(place.home, 'auth.json');
  return {
    ...place,
    issuer,
    authFile,
    writeAuth: (content) => writeFileSync(authFile, JSON.stringify(content), { mode: 0o600 }),
    signatures: () =>
      place.model.requests.map(({ headers }) => [
        headers.authorization?.replace('Bearer ', ''),
        headers['chatgpt-account-id']?.toString(),
      ]),
    start: (args = [], env = {}) =>
      place.start(['-c', 'model_providers.test.requires_openai_auth=true', '--log-level', 'trace', ...args], {
        CODEXD_AUTH_ISSUER: issuer.url,
        ...env,
      }),
  };
}

/** One client on one surface, with what it is told about logins. */
export interface Surface {
  readonly name: string;
  readonly news: () => [method: string, params: object][];
  /** Resolves when there are that many. */
  heard(count: number): Promise<void>;
}

interface Heard {
  readonly notifications: Notification[];
  message(wanted: string, from?: number): Promise<Notification>;
}

const OF_LOGINS = ['authStatusChange', 'loginChatGptComplete'];

function surface(name: string, client: Heard): Surface {
  const news = () => client.notifications.filter(({ method }) => OF_LOGINS.includes(method));
  return {
    name,
    news: () => news().map(({ method, params }) => [method, params]),
    async heard(count) {
      for (let from = client.notifications.length; news().length < count; ) {
        await Promise.race(OF_LOGINS.map((method) => client.message(method, from)));
        from = client.notifications.length;
      }
    },
  };
}

/** Six clients, one on each surface and each kind of stream; the last two are about a conversation. */
export async function openSurfaces(place: AuthPlace, daemon: DaemonProcess): Promise<Surface[]> {
  const { conversationId } = await daemon.newConversation();
  const { body: listener } = await daemon.post(`/v1/conversations/${conversationId}/listeners`);
  return [
    surface('WebSocket', await daemon.connect()),
    surface('unix socket', await connectToSocket(place.home)),
    surface('stdio', await spawnBridge(place)),
    surface('all events', await daemon.stream('/v1/events')),
    surface('events of a conversation', await daemon.stream(`/v1/conversations/${conversationId}/events`)),
    surface('events of a listener', await daemon.stream(`/v1/listeners/${listener.subscriptionId}/events`)),
  ];
}

async function connectToSocket(home: string): Promise<SocketClient> {
  const { socket: file } = JSON.parse(readFileSync(path.join(home, 'codexd/daemon.json'), 'utf8'));
  const socket = new WebSocket(`ws+unix:${file}:/rpc`);
  const client = new SocketClient(socket);
  await once(socket, 'open');
  onTestFinished(() => socket.terminate());
  return client;
}

/** Notes of running programs come and go. */
function textOf(file: string): [string, string][] {
  try {
    return [[file, readFileSync(file, 'utf8')]];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Everything that left the daemon, except where credentials belong, that has a credential of the tests in it. */
export async function leaks(
  place: AuthPlace,
  daemon: DaemonProcess,
  surfaces: Surface[] = [],
): Promise<string[]> {
  const files = readdirSync(place.home, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'auth.json')
    .map((entry) => path.join(entry.parentPath, entry.name));
  if (daemon.stderr() === '') throw new Error('there is no log to search');
  const texts: [string, string][] = [
    ['the log', daemon.stderr()],
    ...files.flatMap(textOf),
    ...surfaces.map(({ name, news }): [string, string] => [name, JSON.stringify(news())]),
  ];
  for (const route of [
    '/openapi.json',
    '/docs',
    '/v1/auth/status',
    '/v1/config',
    '/v1/server',
    '/healthz',
    '/metrics',
  ]) {
    texts.push([route, await (await daemon.fetch(route)).text()]);
  }
  return texts.filter(([, text]) => text.includes(CANARY)).map(([name]) => name);
}
