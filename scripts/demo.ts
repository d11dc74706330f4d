import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

/**
 * `npm run demo`: a daemon with the demo model on a throw-away home, one conversation over REST and WebSocket with a
 * shell call, and the lines to try it by hand. Serves until Ctrl-C.
 */

const CLI = path.resolve(import.meta.dirname, '../dist/cli.js');
const home = mkdtempSync(path.join(os.tmpdir(), 'codexd-demo-'));
const env = { ...process.env, CODEX_HOME: home };

const say = (text: string): void => console.log(text);

interface Daemon {
  process: ChildProcess;
  url: string;
  token: string;
}

async function startDaemon(): Promise<Daemon> {
  const daemon = spawn(process.execPath, [CLI, 'serve', '--demo', '--port', '0', '--log-level', 'warn'], {
    env,
    // Ctrl-C reaches this process alone, which then stops the daemon in good order.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const failed = once(daemon, 'exit').then(() => Promise.reject(new Error('the daemon did not start')));
  const [line] = (await Promise.race([once(createInterface(daemon.stdout), 'line'), failed])) as [string];
  failed.catch(() => undefined);
  const info = JSON.parse(readFileSync(path.join(home, 'codexd/daemon.json'), 'utf8'));
  say(line);
  return { process: daemon, url: info.url, token: readFileSync(info.tokenPath, 'utf8').trim() };
}

async function post<T>({ url, token }: Daemon, route: string, body: object): Promise<T> {
  const answer = await fetch(url + route, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  say(`  POST ${route} -> ${answer.status}`);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as T;
}

/** Listens over the WebSocket and resolves when the turn is over. */
async function watch({ url, token }: Daemon, conversationId: string): Promise<{ turnOver: Promise<void> }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`, ['codexd.v1', `codexd.bearer.${token}`]);
  const turnOver = Promise.withResolvers<void>();
  const listening = Promise.withResolvers<void>();
  socket.onopen = () =>
    socket.send(JSON.stringify({ id: 1, method: 'addConversationListener', params: { conversationId } }));
  socket.onerror = () => listening.reject(new Error('the WebSocket could not be opened'));
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data));
    if (message.id === 1) return listening.resolve();
    show(message.params.msg);
    if (message.method !== 'codex/event/task_complete') return;
    socket.close();
    turnOver.resolve();
  };
  await listening.promise;
  say('  WebSocket attached as a listener');
  return { turnOver: turnOver.promise };
}

function show(msg: { type: string; [member: string]: unknown }): void {
  const shown: Record<string, () => string> = {
    agent_message_delta: () => String(msg.delta),
    exec_command_begin: () => `\n  [runs] ${(msg.command as string[]).join(' ')}\n`,
    exec_command_end: () => `  [exit ${msg.exit_code}]\n${msg.stdout}\n`,
    error: () => `\n  [error] ${msg.message}\n`,
    task_complete: () => '\n',
  };
  process.stdout.write(shown[msg.type]?.() ?? '');
}

function printLinesToTry({ url }: Daemon, conversationId: string): void {
  const conversation = `${url}/v1/conversations/${conversationId}`;
  say(`
Still serving. In another terminal, in this folder:

  export CODEX_HOME=${home}
  token=$(npx codexd token)
  curl -H "Authorization: Bearer $token" ${url}/v1/user-agent
  curl -H "Authorization: Bearer $token" ${url}/v1/conversations
  curl -N -H "Authorization: Bearer $token" ${conversation}/events
  curl -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \\
    -d '{"items":[{"type":"text","data":{"text":"run: date"}}]}' ${conversation}/messages

Ctrl-C stops it and removes ${home}.`);
}

async function main(): Promise<void> {
  const daemon = await startDaemon();
  const stop = async (code: number): Promise<void> => {
    const gone = once(daemon.process, 'exit');
    daemon.process.kill('SIGTERM');
    await gone;
    rmSync(home, { recursive: true, force: true });
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(0));
  try {
    say('\nA conversation over REST, watched over the WebSocket:');
    const settings = { cwd: home, approvalPolicy: 'never', sandbox: 'danger-full-access' };
    const created = await post<{ conversationId: string; rolloutPath: string }>(
      daemon,
      '/v1/conversations',
      settings,
    );
    const { turnOver } = await watch(daemon, created.conversationId);
    const text = 'run: echo "hello from $(uname -s)"';
    await post(daemon, `/v1/conversations/${created.conversationId}/messages`, {
      items: [{ type: 'text', data: { text } }],
    });
    await turnOver;
    say(`\nThe conversation is on disk: ${created.rolloutPath}`);
    printLinesToTry(daemon, created.conversationId);
  } catch (error) {
    console.error(error);
    await stop(1);
  }
}

await main();
