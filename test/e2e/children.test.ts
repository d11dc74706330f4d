import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hang } from '../../src/demo/answers.ts';
import type { Responder } from '../../src/demo/model-server.ts';
import { callAnswer, created, functionCall, textAnswer } from '../../src/demo/responses.ts';
import { createPlace, type DaemonProcess, type Place, type SocketClient } from '../support/daemon-process.ts';
import {
  isWatchdog,
  openDescriptors,
  type SystemProcess,
  systemProcesses,
} from '../support/system-processes.ts';

const UP = ': > up/$0';

/** Shell programs that are hard to get rid of. Each makes the file `up/NAME` once all its processes are there. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'runs in the background': `sleep 300 >/dev/null 2>&1 & ${UP}`,
  'holds the pipe after its parent': `sleep 300 & ${UP}`,
  'leaves its group and session': `setsid -f sh -c '${UP}; sleep 300' "$0"; sleep 300`,
  'leaves twice and ends': `(setsid -f sh -c 'setsid -f sleep 300; ${UP}; sleep 300' "$0" >/dev/null 2>&1 &)`,
  'ignores signals': `trap '' TERM INT HUP; ${UP}; while :; do sleep 1; done`,
  'writes for ever': `${UP}; yes`,
  'closes its output': `exec >&- 2>&-; ${UP}; sleep 300`,
  'is stopped': `${UP}; kill -STOP $$; sleep 300`,
  'clears its environment': `exec env -i sh -c '${UP}; sleep 300' "$0"`,
  'makes zombies': `${UP}; sh -c 'sleep 0 & exec sleep 300'`,
  'has a terminal of its own': `script -qc 'sleep 300' /dev/null & sleep 0.2; ${UP}; wait`,
  'forks fifty times': `i=0; while [ $i -lt 50 ]; do sleep 300 & i=$((i+1)); done; ${UP}; wait`,
};

const fileOf = (name: string): string => name.replaceAll(' ', '-');

/** A model that runs the program that it is told the name of, and then says nothing more. */
const silentModel: Responder = ({ body }) => {
  const content = body.input.at(-1)?.content as { text: string }[] | undefined;
  const name = content?.[0]?.text ?? '';
  if (!Object.hasOwn(PROGRAMS, name)) return [created(), hang()];
  const command = ['sh', '-c', PROGRAMS[name], fileOf(name)];
  return callAnswer(functionCall('shell', { command, timeout_ms: 120_000 }));
};

interface Running {
  readonly place: Place;
  readonly daemon: DaemonProcess;
  readonly socket: SocketClient;
  readonly conversations: readonly { conversationId: string; rolloutPath: string }[];
}

/** Every program, each in a turn of its own conversation that goes on. */
async function runAll(): Promise<Running> {
  const place = await createPlace(silentModel, '[server]\ndrain_seconds = 0\n');
  mkdirSync(path.join(place.cwd, 'up'));
  onTestFinished(() => endAll(place));
  const daemon = await place.start();
  const socket = await daemon.connect();
  const conversations = await Promise.all(
    Object.keys(PROGRAMS).map(async (name) => {
      const conversation = await daemon.newConversation();
      await socket.listen(conversation.conversationId);
      await daemon.say(conversation.conversationId, name);
      return conversation;
    }),
  );
  for (const name of Object.keys(PROGRAMS)) {
    const isUp = () => existsSync(path.join(place.cwd, 'up', fileOf(name)));
    await expect.poll(isUp, { timeout: 10_000, message: name }).toBe(true);
  }
  expect(left(place, daemon).length).toBeGreaterThan(60);
  return { place, daemon, socket, conversations };
}

/** What runs in the folder of the place, found without a look at groups or markers; the daemon itself is there, too. */
function left({ cwd }: Place, daemon?: DaemonProcess): SystemProcess[] {
  return systemProcesses().filter(
    (process) => process.cwd === cwd && process.state !== 'Z' && process.pid !== daemon?.child.pid,
  );
}

function endAll(place: Place): void {
  for (const { pid } of left(place)) process.kill(pid, 'SIGKILL');
}

const commands = (processes: SystemProcess[]): string[] => processes.map(({ command }) => command);

const TINY_MCP_SERVER = path.resolve(import.meta.dirname, '../support/soak/tiny-mcp-server.ts');

const mcpServer = (command: string, args: readonly string[]): string =>
  `[mcp_servers.s]\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}\nstartup_timeout_sec = 30\n`;

describe.runIf(process.platform === 'linux')('SEC-EXEC-4: no process is left', () => {
  test('REL-CH-1: of turns that are interrupted', async () => {
    const { place, daemon, socket, conversations } = await runAll();
    const answers = conversations.map(({ conversationId }) =>
      daemon.post(`/v1/conversations/${conversationId}/interrupt`),
    );
    for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
    expect(commands(left(place, daemon))).toEqual([]);
    const aborted = () => socket.notifications.filter(({ params }) => params.msg?.type === 'turn_aborted');
    await expect.poll(aborted).toHaveLength(conversations.length);
  });

  test('REL-LC-2: of conversations that are archived', async () => {
    const { place, daemon, conversations } = await runAll();
    const answers = conversations.map(({ conversationId, rolloutPath }) =>
      daemon.post(`/v1/conversations/${conversationId}/archive`, { rolloutPath }),
    );
    for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
    expect(commands(left(place, daemon))).toEqual([]);
  });

  test('of a daemon that is told to stop', async () => {
    const { place, daemon } = await runAll();
    expect(await daemon.kill('SIGTERM')).toBe(0);
    expect(commands(left(place))).toEqual([]);
    expect(readdirSync(path.join(place.home, 'codexd/children'))).toEqual([]);
  });

  test('REL-CH-1: of a daemon that was killed, once there is another', async () => {
    const { place, daemon } = await runAll();
    await daemon.kill('SIGKILL');
    expect(left(place).length).toBeGreaterThan(60);
    const again = await place.start();
    expect(commands(left(place, again))).toEqual([]);
    expect(again.stderr()).toContain('left behind');
  });

  test('of an MCP server that is still starting when the daemon is told to stop', async () => {
    const script = `trap '' TERM; setsid -f sleep 300; while read -r line; do :; done; sleep 300`;
    const place = await createPlace(() => textAnswer('unused'), mcpServer('sh', ['-c', script]));
    onTestFinished(() => endAll(place));
    const daemon = await place.start();
    void daemon.newConversation().catch(() => 'the daemon ends first');
    await expect.poll(() => commands(left(place, daemon)).join()).toContain('sleep 300');
    await daemon.kill('SIGTERM');
    expect(commands(left(place))).toEqual([]);
  });

  test('of an MCP server that takes its time, when a second signal does not', async () => {
    const config = mcpServer(process.execPath, [TINY_MCP_SERVER, 'stubborn']);
    const place = await createPlace(() => textAnswer('unused'), config);
    onTestFinished(() => endAll(place));
    const daemon = await place.start();
    await daemon.newConversation();
    expect(commands(left(place, daemon)).join()).toContain('sleep 600');
    daemon.child.kill('SIGTERM');
    await expect.poll(async () => (await daemon.fetch('/readyz')).status).toBe(503);
    expect(await daemon.kill('SIGTERM')).toBe(143);
    expect(commands(left(place))).toEqual([]);
  });

  test('of a one-off command beyond its time', async () => {
    const place = await createPlace(() => textAnswer('unused'));
    onTestFinished(() => endAll(place));
    const daemon = await place.start();
    const command = ['sh', '-c', 'setsid -f sleep 300; sleep 300 & wait'];
    expect(await daemon.post('/v1/exec', { command, timeoutMs: 300 })).not.toMatchObject({ status: 200 });
    expect(commands(left(place, daemon))).toEqual([]);
  });
});

/** A model that runs the scripts in turn, one per request, and says `done` when there are no more. */
const scripted = (scripts: readonly string[]): Responder => {
  const answers = scripts.map((script) =>
    callAnswer(functionCall('shell', { command: ['sh', '-c', script] })),
  );
  return ({ index }) => answers[index] ?? textAnswer('done');
};

describe.runIf(process.platform === 'linux')('a command that ends by itself', () => {
  test('leaves what it started in the background, until its conversation is archived', async () => {
    const scripts = ['sleep 300 >/dev/null 2>&1 & setsid -f sleep 301 >/dev/null 2>&1'];
    const place = await createPlace(scripted(scripts));
    onTestFinished(() => endAll(place));
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    for (const text of ['start it', 'and go on']) {
      const from = socket.notifications.length;
      await daemon.say(conversationId, text);
      await socket.event('task_complete', from);
    }
    expect(commands(left(place, daemon)).sort()).toEqual(['sleep 300', 'sleep 301']);
    await daemon.post(`/v1/conversations/${conversationId}/archive`, { rolloutPath });
    expect(commands(left(place, daemon))).toEqual([]);
  });

  test('REL-CH-1: does not hold up its turn by a process that keeps its output open', async () => {
    const place = await createPlace(scripted(['sleep 300 & echo told']));
    onTestFinished(() => endAll(place));
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    await daemon.say(conversationId, 'go');
    const { params } = await socket.event('exec_command_end');
    expect(params.msg).toMatchObject({ stdout: 'told\n', exit_code: 0 });
    await socket.event('task_complete');
    expect(commands(left(place, daemon))).toEqual(['sleep 300']);
  });

  test('SEC-EXEC-5: gives its descriptors back and leaves no zombie, three hundred times', async () => {
    const place = await createPlace(() => textAnswer('unused'));
    const daemon = await place.start();
    const pid = Number(daemon.child.pid);
    const socket = await daemon.connect();
    const kinds = [['true'], ['sh', '-c', 'echo out; echo err >&2; exit 3'], ['/nowhere/program']];
    const run = (command: readonly string[] = []) => socket.call('execOneOffCommand', { command });
    // Pipes are kept for reuse; so many at once fill the store.
    const descriptors = async (): Promise<number> => {
      await Promise.all(Array.from({ length: 20 }, () => run(['sleep', '0.5'])));
      return openDescriptors(pid);
    };
    const before = await descriptors();
    for (let round = 0; round < 30; round++) {
      await Promise.all(Array.from({ length: 10 }, (_, index) => run(kinds[index % kinds.length])));
    }
    expect(Math.abs((await descriptors()) - before)).toBeLessThanOrEqual(2);
    const left = systemProcesses().filter((found) => found.parent === pid && !isWatchdog(found));
    expect(left).toEqual([]);
  });
});

test.runIf(process.platform === 'linux')('the notify program goes on when the daemon stops', async () => {
  const place = await createPlace(() => textAnswer('done'), `notify = ["sh", "-c", "exec sleep 300"]\n`);
  onTestFinished(() => endAll(place));
  const daemon = await place.start();
  const { conversationId } = await daemon.newConversation();
  await daemon.say(conversationId, 'hi');
  await expect.poll(() => commands(left(place, daemon))).toEqual(['sleep 300']);
  await daemon.kill('SIGTERM');
  await place.start();
  expect(commands(left(place))).toContain('sleep 300');
});
