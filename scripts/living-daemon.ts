import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CLI = path.resolve(import.meta.dirname, '../dist/cli.js');
const POLL_MS = 50;

/** The built daemon on a throw-away home, with a model of the script's own. */
export interface LivingDaemon extends AsyncDisposable {
  readonly url: string;
  /** The folder that conversations work in. */
  readonly cwd: string;
  post(route: string, body?: object): Promise<Record<string, unknown>>;
  turnOver(conversationId: string): Promise<void>;
  signInLink(): Promise<string>;
  writeFile(name: string, text: string): void;
}

export async function openLivingDaemon(modelUrl: string): Promise<LivingDaemon> {
  const root = mkdtempSync(path.join(os.tmpdir(), 'codexd-pictures-'));
  const [home, cwd] = [path.join(root, '.codex'), path.join(root, 'weather')];
  for (const folder of [home, cwd]) mkdirSync(folder);
  writeFileSync(path.join(home, 'config.toml'), configFor(modelUrl));
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0', '--log-level', 'warn'], {
    cwd,
    // The profile of whoever takes the pictures is none of theirs.
    env: { ...process.env, CODEX_HOME: home, HOME: root },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const info = JSON.parse(readFileSync(path.join(home, 'codexd/daemon.json'), 'utf8'));
  const headers = {
    authorization: `Bearer ${readFileSync(info.tokenPath, 'utf8').trim()}`,
    'content-type': 'application/json',
  };

  async function request(method: string, route: string, body?: object): Promise<Record<string, unknown>> {
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const answer = await fetch(info.url + route, init);
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Record<string, unknown>;
  }

  return {
    url: info.url,
    cwd,
    post: (route, body = {}) => request('POST', route, body),
    async turnOver(conversationId) {
      for (;;) {
        const { turn, messages } = await request('GET', `/v1/conversations/${conversationId}`);
        if (turn === null && Array.isArray(messages) && messages.length > 1) return;
        await sleep(POLL_MS);
      }
    },
    async signInLink() {
      const { code } = await request('POST', '/v1/session/codes', {});
      return `${info.url}/#code=${code}`;
    },
    writeFile(name, text) {
      mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
      writeFileSync(path.join(cwd, name), text);
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const configFor = (modelUrl: string): string => `model = "gpt-5-codex"
model_provider = "scripted"

[model_providers.scripted]
name = "Scripted"
base_url = "${modelUrl}"
wire_api = "responses"
`;
