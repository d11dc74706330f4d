import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ReadableWritablePair } from 'node:stream/web';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type ModelServer, type Responder, startModelServer } from '../../src/demo/model-server.ts';
import { CANARY } from './auth/tokens.ts';

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');

export interface Notification {
  /** Only requests of the server have one. */
  id?: number;
  method: string;
  params: { id: string; msg: { type: string; [member: string]: unknown }; _meta: { eventId: string } };
}

export interface Answer {
  id?: number;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: Record<string, unknown> };
}

/** A home with a model of its own, and the built daemon on it, which can be killed and started again. */
export interface Place {
  readonly home: string;
  readonly cwd: string;
  readonly model: ModelServer;
  start(args?: readonly string[], env?: NodeJS.ProcessEnv): Promise<DaemonProcess>;
}

export async function createPlace(respond: Responder, config = ''): Promise<Place> {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'codexd-e2e-')));
  const home = path.join(root, 'home');
  const cwd = path.join(root, 'work');
  for (const folder of [home, cwd]) mkdirSync(folder);
  const model = await startModelServer({ respond });
  onTestFinished(async () => {
    await model.close();
    rmSync(root, { recursive: true, force: true });
  });
  writeFileSync(
    path.join(home, 'config.toml'),
    `model = "test-model"
model_provider = "test"
approval_policy = "never"
sandbox_mode = "danger-full-access"
${config}
[model_providers.test]
name = "Test"
base_url = "${model.url}"
wire_api = "responses"
`,
  );
  return { home, cwd, model, start: (args = [], env = {}) => startDaemon(home, cwd, args, env) };
}

async function startDaemon(
  home: string,
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<DaemonProcess> {
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0', '--log-level', 'warn', ...args], {
    cwd,
    env: { ...process.env, CODEX_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  onTestFinished(() => {
    if (stderr.includes(CANARY)) throw new Error('a credential of the tests is in the log of the daemon');
  });
  const exit = once(child, 'exit').then(() => Promise.reject(new Error(`the daemon ended: ${stderr}`)));
  exit.catch(() => {});
  await Promise.race([once(child.stdout, 'data'), exit]);
  return new DaemonProcess(child, home, () => stderr);
}

export class DaemonProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
  readonly stderr: () => string;

  constructor(child: ChildProcess, home: string, stderr: () => string) {
    this.child = child;
    this.stderr = stderr;
    const info = JSON.parse(readFileSync(path.join(home, 'codexd/daemon.json'), 'utf8'));
    this.url = info.url;
    this.token = readFileSync(info.tokenPath, 'utf8').trim();
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    const [code] = await gone;
    return code;
  }

  fetch(route: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + route, {
      ...init,
      headers: { authorization: `Bearer ${this.token}`, ...init.headers },
    });
  }

  async get<T>(route: string): Promise<T> {
    return (await (await this.fetch(route)).json()) as T;
  }

  async post<T = Record<string, unknown>>(
    route: string,
    body: object = {},
  ): Promise<{ status: number; body: T }> {
    const answer = await this.fetch(route, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as T };
  }

  async newConversation(params: object = {}): Promise<{ conversationId: string; rolloutPath: string }> {
    const { body } = await this.post<{ conversationId: string; rolloutPath: string }>(
      '/v1/conversations',
      params,
    );
    return body;
  }

  say(conversationId: string, text: string): Promise<{ status: number }> {
    return this.post(`/v1/conversations/${conversationId}/messages`, {
      items: [{ type: 'text', data: { text } }],
    });
  }

  async connect(): Promise<SocketClient> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/rpc`, {
      headers: { authorization: `Bearer ${this.token}` },
    });
    const client = new SocketClient(socket);
    await once(socket, 'open');
    onTestFinished(() => socket.terminate());
    return client;
  }

  /** Server-sent events of a conversation, attached when this resolves. */
  async stream(route: string, headers: Record<string, string> = {}): Promise<EventStream> {
    const abort = new AbortController();
    onTestFinished(() => abort.abort());
    const answer = await this.fetch(route, { headers, signal: abort.signal });
    if (!answer.ok || !answer.body) throw new Error(`${answer.status} ${await answer.text()}`);
    return new EventStream(answer.body);
  }
}

/** Keeps all notifications, in order, and lets a test await one. */
export class Ledger {
  readonly notifications: Notification[] = [];
  readonly #waiting = new Set<() => void>();

  add(notification: Notification): void {
    this.notifications.push(notification);
    for (const wake of this.#waiting) wake();
  }

  /** The first event of the type, from the given position on. */
  event(type: string, from = 0): Promise<Notification> {
    return this.message(`codex/event/${type}`, from);
  }

  /** The first notification or request of the method, from the given position on. */
  async message(wanted: string, from = 0): Promise<Notification> {
    for (;;) {
      const found = this.notifications.slice(from).find(({ method }) => method === wanted);
      if (found) return found;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

export class SocketClient extends Ledger {
  readonly socket: WebSocket;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(socket: WebSocket) {
    super();
    this.socket = socket;
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString());
      if (message.method) this.add(message);
      else this.#answers.get(message.id)?.(message);
    });
  }

  call(method: string, params?: object): Promise<Answer> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<Answer>((resolve) => this.#answers.set(id, resolve));
    this.socket.send(JSON.stringify({ id, method, params }));
    return answer;
  }

  async listen(conversationId: string): Promise<string> {
    const { result } = await this.call('addConversationListener', { conversationId });
    return String(result?.subscriptionId);
  }
}

export class EventStream extends Ledger {
  /** The ids as the stream gave them, one per event. */
  readonly ids: string[] = [];
  /** Resolves when the server ends the stream. */
  readonly ended: Promise<void>;

  constructor(body: ReadableStream<Uint8Array>) {
    super();
    this.ended = this.#read(body).catch(() => {});
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const text = new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>;
    const events = body.pipeThrough(text).pipeThrough(new EventSourceParserStream());
    for await (const { id, event, data } of events) {
      if (id !== undefined) this.ids.push(id);
      this.add({ method: event ?? '', params: JSON.parse(data) });
    }
  }
}

/** Lines of a rollout file, read with nothing of the daemon's. */
export const rolloutLines = (file: string): { type: string; payload: Record<string, unknown> }[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
