import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { call } from '../support/http.ts';
import {
  type StandingDaemon,
  type StandingOptions,
  startStandingDaemon,
} from '../support/standing-daemon.ts';

const CANARIES = {
  OPENAI_API_KEY: 'sk-canary0123456789canary0123456789',
  CANARY_SECRET: 'canary-secret-of-the-environment',
  AWS_SECRET_ACCESS_KEY: 'canary-access-key-of-the-environment',
};
const NO_SANDBOX = { mode: 'danger-full-access' };
const onLinux = process.platform === 'linux';

let world: StandingDaemon;
beforeAll(async () => {
  const args = [
    '--allowed-host',
    'my.box',
    '--allowed-origin',
    'https://app.example',
    '--public-url',
    'https://codexd.example',
  ];
  const auth = JSON.stringify({ OPENAI_API_KEY: 'sk-canary-of-the-file-0123456789' });
  world = await startStandingDaemon({ args, env: CANARIES, files: { 'auth.json': auth } });
}, 60_000);
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

async function start(options: StandingOptions): Promise<StandingDaemon> {
  const started = await startStandingDaemon(options);
  onTestFinished(() => started[Symbol.asyncDispose]());
  return started;
}

const exec = (command: readonly string[], more: object = {}) =>
  world.daemon.post<{ exitCode: number; stdout: string }>('/v1/exec', {
    command,
    sandboxPolicy: NO_SANDBOX,
    ...more,
  });

const bearer = () => ({ authorization: `Bearer ${world.daemon.token}` });

describe('what was allowed on purpose', () => {
  it.each([
    ['SEC-HOST-1: a host', { host: 'my.box' }, 200],
    ['SEC-HOST-1: a part of the host', { host: 'box' }, 421],
    ['SEC-HOST-1: the public host', { host: 'codexd.example' }, 200],
    ['SEC-ORIG-1: an origin', { origin: 'https://app.example' }, 200],
    ['SEC-ORIG-1: the public origin', { origin: 'https://codexd.example' }, 200],
    ['SEC-ORIG-1: the same origin without TLS', { origin: 'http://app.example' }, 403],
  ])('%s is told apart by the running daemon (%j)', async (_name, headers, status) => {
    const answer = await call(`${world.daemon.url}/v1/user-agent`, { headers: { ...bearer(), ...headers } });
    expect(answer.status).toBe(status);
  });
});

describe('SEC-RED-4: nobody gets into the process', () => {
  const serve = (env: NodeJS.ProcessEnv, ...nodeArgs: string[]) => {
    const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');
    const home = path.join(world.home, '..', 'other-home');
    mkdirSync(home, { recursive: true });
    return spawnSync(process.execPath, [...nodeArgs, cli, 'serve', '--port', '0'], {
      env: { ...process.env, CODEX_HOME: home, ...env },
      encoding: 'utf8',
      timeout: 15_000,
    });
  };

  it.each([
    ['--inspect=127.0.0.1:0', {}, ['--inspect=127.0.0.1:0']],
    ['NODE_OPTIONS contains --inspect', { NODE_OPTIONS: '--inspect=127.0.0.1:0' }, []],
    ['NODE_OPTIONS contains --require', { NODE_OPTIONS: '--no-warnings --require node:fs' }, []],
  ])('by %s; the start is refused and names the flag that permits it', (found, env, nodeArgs) => {
    const { status, stdout, stderr } = serve(env, ...nodeArgs);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(found);
    expect(stderr).toContain('--allow-debug');
  });

  it('unless it is permitted', async () => {
    const debugged = await start({ args: ['--allow-debug'], env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' } });
    expect((await debugged.daemon.fetch('/v1/user-agent')).status).toBe(200);
  });

  it.runIf(onLinux)('by a signal, or by the core that a crash would leave', async () => {
    const limited = await start({ before: 'ulimit -S -c "$(ulimit -H -c)"' });
    const { pid } = limited.daemon.child;
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    expect(/^Max core file size +(\S+)/m.exec(limits)?.[1]).toBe('0');
    limited.daemon.child.kill('SIGUSR1');
    limited.daemon.child.kill('SIGUSR2');
    await vi.waitFor(() => expect(limited.daemon.stderr()).toContain('SIGUSR2'), { timeout: 5_000 });
    expect((await limited.daemon.fetch('/v1/user-agent')).status).toBe(200);
    expect(limited.daemon.stderr()).not.toContain('Debugger');
  });
});

describe('SEC-RED-3: no secret leaves', () => {
  it('in the answer to any kind of mistake, in the log, or in what is shown of the daemon', async () => {
    const { url } = world.daemon;
    const bytes: string[] = [];
    const json = { 'content-type': 'application/json' };
    const attempts: [string, RequestInit][] = [
      [
        '/v1/user-agent',
        { headers: { authorization: 'Bearer cdx_wrong-0123456789012345678901234567890123456789' } },
      ],
      [`/v1/user-agent?token=${world.daemon.token}`, {}],
      ['/v1/nowhere', { headers: bearer() }],
      ['/v1/exec', { method: 'POST', headers: { ...bearer(), ...json }, body: '{broken' }],
      ['/v1/exec', { method: 'POST', headers: { ...bearer(), ...json }, body: '{"command":"x"}' }],
      [
        '/v1/exec',
        { method: 'POST', headers: { ...bearer(), ...json }, body: '{"command":["/no/such/program"]}' },
      ],
      [
        '/v1/conversations',
        { method: 'POST', headers: { ...bearer(), ...json }, body: '{"profile":"none"}' },
      ],
      [
        '/v1/conversations/resume',
        { method: 'POST', headers: { ...bearer(), ...json }, body: '{"path":"/etc/passwd"}' },
      ],
      ['/openapi.json', { headers: bearer() }],
      ['/docs', { headers: bearer() }],
      ['/v1/server', { headers: bearer() }],
    ];
    for (const [route, init] of attempts) {
      const answer = await fetch(url + route, init);
      bytes.push(JSON.stringify([...answer.headers]), await answer.text());
    }
    for (const args of [
      ['status'],
      ['status', '--json'],
      ['url', '--json'],
      ['--help'],
      ['serve', '--help'],
    ]) {
      const { stdout, stderr } = await world.cli(args);
      bytes.push(stdout, stderr);
    }
    const everything = [...bytes, world.daemon.stderr()].join('\n');
    for (const secret of [...Object.values(CANARIES), 'sk-canary-of-the-file', world.daemon.token]) {
      expect(everything).not.toContain(secret);
    }
    expect(bytes.join('\n')).not.toMatch(/ at .*\.js:\d+:\d+|node_modules/);
  });

  it('SEC-RED-5: on the command line, where there is no flag to give one', async () => {
    for (const command of ['serve', 'status', 'stop', 'token', 'url', 'open']) {
      const { stdout } = await world.cli([command, '--help']);
      expect(stdout).not.toMatch(/--(token|password|api-key|secret)\b/);
    }
    const { code } = await world.cli(['status', '--token', 'x']);
    expect(code).toBe(2);
  });
});

describe('a command of a client', () => {
  it('SEC-EXEC-1: gets no secret of the environment, of auth.json or of the daemon', async () => {
    const { body } = await exec(['env']);
    expect(body.exitCode).toBe(0);
    for (const secret of [...Object.values(CANARIES), 'canary-of-the-file', world.daemon.token]) {
      expect(body.stdout).not.toContain(secret);
    }
    expect(body.stdout).not.toMatch(/^(CODEXD_TOKEN|NODE_OPTIONS|LD_PRELOAD|NOTIFY_SOCKET)=/m);
  });

  it('SEC-EXEC-8: is logged with its arguments and place, without its output, and ends at its time', async () => {
    await exec(['sh', '-c', 'printf "told-%s" nobody'], { cwd: world.cwd });
    expect(world.daemon.stderr()).toContain('"a client runs a command"');
    expect(world.daemon.stderr()).toContain(`"cwd":"${world.cwd}"`);
    expect(world.daemon.stderr()).not.toContain('told-nobody');
    const { body } = await exec(['sleep', '60'], { timeoutMs: 100 });
    expect(body.exitCode).not.toBe(0);
  });

  it('SEC-RED-2: nor is what people say and models answer', async () => {
    const { conversationId } = await world.daemon.newConversation({
      cwd: world.cwd,
      approvalPolicy: 'never',
    });
    const events = await world.daemon.stream(`/v1/conversations/${conversationId}/events`);
    await world.daemon.say(conversationId, 'an-unlikely-word-of-the-user');
    await events.event('task_complete');
    expect(world.daemon.stderr()).not.toContain('an-unlikely-word-of-the-user');
  });
});

describe('SEC-EXEC-10: opening a conversation in a folder', () => {
  it('neither trusts the folder nor does what its own configuration says', async () => {
    const folder = path.join(world.cwd, 'hostile');
    const marker = path.join(world.cwd, 'hostile-ran');
    mkdirSync(path.join(folder, '.codex'), { recursive: true });
    const command = `command = "touch"\nargs = ["${marker}"]`;
    const config = `notify = ["touch", "${marker}"]\nmodel = "evil"\n[mcp_servers.evil]\n${command}\n`;
    writeFileSync(path.join(folder, '.codex', 'config.toml'), config);
    const before = readFileSync(path.join(world.home, 'config.toml'), { encoding: 'utf8', flag: 'a+' });
    const { conversationId } = await world.daemon.newConversation({ cwd: folder, approvalPolicy: 'never' });
    const events = await world.daemon.stream(`/v1/conversations/${conversationId}/events`);
    await world.daemon.say(conversationId, 'hello');
    await events.event('task_complete');
    expect(existsSync(marker)).toBe(false);
    expect(readFileSync(path.join(world.home, 'config.toml'), 'utf8')).toBe(before);
  });
});

describe('SEC-IN-15: a page of conversations', () => {
  it('has at most 200, however many are asked for', async () => {
    const folder = path.join(world.home, 'sessions', '2025', '01', '02');
    mkdirSync(folder, { recursive: true });
    for (let index = 0; index < 205; index++) {
      const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
      const name = `rollout-2025-01-02T03-04-05-${id}.jsonl`;
      const timestamp = '2025-01-02T03:04:05.000Z';
      const lines = [
        {
          timestamp,
          type: 'session_meta',
          payload: { id, timestamp, cwd: '/', originator: 'x', cli_version: '0', instructions: null },
        },
        {
          timestamp,
          type: 'event_msg',
          payload: { type: 'user_message', message: `number ${index}`, kind: 'plain' },
        },
        {
          timestamp,
          type: 'response_item',
          payload: {
            type: 'message',
            role: 'user',
            content: [{ type: 'input_text', text: `number ${index}` }],
          },
        },
      ];
      writeFileSync(path.join(folder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    }
    const page = await world.daemon.get<{ items: unknown[]; nextCursor?: string }>(
      '/v1/conversations?pageSize=100000',
    );
    expect(page.items).toHaveLength(200);
    expect(page.nextCursor).toBeDefined();
  });
});

describe('SEC-DISC-2 SEC-DISC-5: the commands of a client', () => {
  it('all find the daemon and its token the same way, also by the environment', async () => {
    const env = { CODEXD_URL: world.daemon.url, CODEXD_TOKEN: world.daemon.token, CODEX_HOME: world.cwd };
    expect((await world.cli(['url', '--browser'], env)).stdout).toContain(`${world.daemon.url}/#code=`);
    expect((await world.cli(['status'], env)).code).toBe(0);
    const wrong = await world.cli(['url', '--browser'], {
      ...env,
      CODEXD_TOKEN: `${'x'.repeat(20)}0123456789abcdef`,
    });
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      expect.stringContaining('refuses to make a sign-in code'),
    ]);
  });
});

describe.runIf(onLinux)('SEC-FLOOD-2: a daemon that has no descriptors left', () => {
  it('goes on serving who is connected, and takes new connections when there are some again', async () => {
    const narrow = await start({ before: 'ulimit -n 90' });
    const { daemon } = narrow;
    const client = await openClient(daemon.url, daemon.token);
    const port = Number(new URL(daemon.url).port);
    const sockets = Array.from({ length: 120 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await Promise.all(
      sockets.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])),
    );
    for (let count = 0; count < 5; count++) expect(await client.ask('getUserAgent')).toHaveProperty('result');
    for (const socket of sockets) socket.destroy();
    await vi.waitFor(async () => expect((await daemon.fetch('/v1/user-agent')).status).toBe(200), {
      timeout: 10_000,
      interval: 200,
    });
  });
});

async function openClient(url: string, token: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`, {
    headers: { authorization: `Bearer ${token}` },
  });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return {
    async ask(method: string): Promise<Record<string, unknown>> {
      socket.send(JSON.stringify({ id: 1, method }));
      const [data] = await once(socket, 'message');
      return JSON.parse(String(data));
    },
  };
}
