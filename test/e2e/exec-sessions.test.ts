import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hang } from '../../src/demo/answers.ts';
import type { Responder } from '../../src/demo/model-server.ts';
import { callAnswer, created, functionCall, textAnswer } from '../../src/demo/responses.ts';
import { createPlace, type DaemonProcess, type Place, type SocketClient } from '../support/daemon-process.ts';
import { systemProcesses } from '../support/system-processes.ts';

const PROGRAM =
  'setsid -f sleep 300; trap "" INT TERM HUP; touch up; while read line; do echo "got $line"; done';

/** Starts a session in the first turn, types into it in the second, and says nothing in the third. */
const ANSWERS = [
  callAnswer(functionCall('exec_command', { cmd: PROGRAM, yield_time_ms: 0 }, 'a')),
  textAnswer('started'),
  callAnswer(functionCall('write_stdin', { session_id: 0, chars: 'hello\n', yield_time_ms: 3000 }, 'b')),
  textAnswer('typed'),
];
const model: Responder = ({ index }) => ANSWERS[index] ?? [created(), hang()];

interface Running {
  readonly place: Place;
  readonly daemon: DaemonProcess;
  readonly socket: SocketClient;
  readonly conversationId: string;
  readonly rolloutPath: string;
}

/** A conversation with a running session, between two turns. */
async function withSession(): Promise<Running> {
  const place = await createPlace(model, 'experimental_use_exec_command_tool = true\n');
  onTestFinished(() => {
    for (const { pid } of left(place)) killIfThere(pid);
  });
  const daemon = await place.start();
  const socket = await daemon.connect();
  const { conversationId, rolloutPath } = await daemon.newConversation();
  await socket.listen(conversationId);
  await turn({ daemon, socket, conversationId });
  await expect.poll(() => existsSync(path.join(place.cwd, 'up')), { timeout: 10_000 }).toBe(true);
  expect(left(place, daemon).length).toBeGreaterThan(2);
  return { place, daemon, socket, conversationId, rolloutPath };
}

/** What ends by itself may be gone since it was listed. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

type Talk = Pick<Running, 'daemon' | 'socket' | 'conversationId'>;

async function turn({ daemon, socket, conversationId }: Talk): Promise<void> {
  const from = socket.notifications.length;
  await daemon.say(conversationId, 'go on');
  await socket.event('task_complete', from);
}

/** What runs in the folder of the place, found without a look at groups or markers; not the daemon itself. */
function left({ cwd }: Place, daemon?: DaemonProcess) {
  return systemProcesses().filter(
    (process) => process.cwd === cwd && process.state !== 'Z' && process.pid !== daemon?.child.pid,
  );
}

describe.runIf(process.platform === 'linux')('a session of exec_command', () => {
  test('goes on after its turn, and answers in the next', async () => {
    const running = await withSession();
    await turn(running);
    const [, , , request] = running.place.model.requests;
    expect(request?.body.input.at(-1)?.output).toMatch(
      /^Wall time: .*\nProcess running with session ID 0\nOutput:\nhello\r\ngot hello\r\n$/,
    );
  });

  test('ends with an interrupt, also of a later turn', async () => {
    const running = await withSession();
    const { place, daemon, socket, conversationId } = running;
    await turn(running);
    await daemon.say(conversationId, 'and now nothing');
    await place.model.waitForRequests(5);
    await daemon.post(`/v1/conversations/${conversationId}/interrupt`);
    await socket.event('turn_aborted');
    expect(left(place, daemon)).toEqual([]);
  });

  test('ends with its conversation', async () => {
    const { place, daemon, conversationId, rolloutPath } = await withSession();
    await daemon.post(`/v1/conversations/${conversationId}/archive`, { rolloutPath });
    expect(left(place, daemon)).toEqual([]);
  });

  test('ends with the daemon', async () => {
    const { place, daemon } = await withSession();
    expect(await daemon.kill('SIGTERM')).toBe(0);
    expect(left(place)).toEqual([]);
  });

  test('ends by itself when the daemon is killed', async () => {
    const { place, daemon } = await withSession();
    await daemon.kill('SIGKILL');
    const commands = () => left(place).map(({ command }) => command);
    // What has left the terminal is for the next daemon to find.
    await expect.poll(commands, { timeout: 5000 }).toEqual(['sleep 300']);
  });
});
