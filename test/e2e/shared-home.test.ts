import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { textAnswer } from '../../src/demo/responses.ts';
import { createPlace, type DaemonProcess, type Place } from '../support/daemon-process.ts';

const COMMAND_LINE = path.resolve(import.meta.dirname, '../support/shared-home/command-line.ts');
const CONVERSATIONS = 20;
const SECONDS = Number(process.env.SHARED_HOME_SECONDS ?? 8);

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

/** A command line that is started again whenever it was killed. */
function commandLine(home: string, locks: 'locks' | 'nothing', stored: Set<string>) {
  let child: ChildProcess;
  let runs = 0;
  function start(): void {
    runs += 1;
    child = spawn(process.execPath, [COMMAND_LINE, home, locks, `${locks}-${runs}`]);
    let rest = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) stored.add(line);
    });
    child.stderr?.pipe(process.stderr);
  }
  start();
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'close');
  };
  onTestFinished(() => void child.kill('SIGKILL'));
  return { kill, restart: () => kill().then(start) };
}

/** Does to a random conversation what a client may do. What it is told is stored is noted. */
async function useDaemon(daemon: DaemonProcess, ids: readonly string[], home: string, stored: Set<string>) {
  const id = pick(ids);
  const [file] = globSync(path.join(home, `{sessions/*/*/*,archived_sessions}/*${id}.jsonl`));
  if (file === undefined) return;
  const post = (route: string, body: object) =>
    daemon.post(route, body).catch(() => ({ status: 0, body: {} as Record<string, unknown> }));
  if (file.includes('archived_sessions')) await post(`/v1/conversations/${id}/unarchive`, {});
  await post('/v1/conversations/resume', { path: file });
  const text = `said ${stored.size} ${Math.random()}`;
  const { status } = await post(`/v1/conversations/${id}/messages`, {
    items: [{ type: 'text', data: { text } }],
  });
  if (status === 202) stored.add(text);
  if (Math.random() < 0.5) await post(`/v1/conversations/${id}/archive`, { rolloutPath: file });
}

async function makeConversations(daemon: DaemonProcess): Promise<string[]> {
  const made = Array.from({ length: CONVERSATIONS }, async () => {
    const { conversationId } = await daemon.newConversation();
    await daemon.say(conversationId, 'first');
    return conversationId;
  });
  return Promise.all(made);
}

const files = ({ home }: Place): string[] =>
  globSync(path.join(home, '{sessions/*/*/*,archived_sessions}/*.jsonl'));

/** How often each text was said, in all files; throws for a line that is no record. */
function said(place: Place): Map<string, number> {
  const times = new Map<string, number>();
  for (const file of files(place)) {
    const text = readFileSync(file, 'utf8');
    expect([file, text.endsWith('\n')]).toEqual([file, true]);
    for (const line of text.trimEnd().split('\n')) {
      const { payload } = JSON.parse(line) as { payload: { type?: string; message?: string } };
      if (payload.type !== 'user_message') continue;
      times.set(payload.message ?? '', (times.get(payload.message ?? '') ?? 0) + 1);
    }
  }
  return times;
}

const isFree = (file: string): boolean => spawnSync('flock', ['-n', '-x', file, 'true']).status === 0;

describe('REL-MP-4: a daemon and two command lines on one home', () => {
  test('lose nothing that any of them was told is stored, whoever is killed', {
    timeout: 60_000 + 2_000 * SECONDS,
  }, async () => {
    const place = await createPlace(() => textAnswer('answer'));
    const stored = new Set<string>();
    let daemon = await place.start();
    const ids = await makeConversations(daemon);
    const lines = [commandLine(place.home, 'locks', stored), commandLine(place.home, 'nothing', stored)];
    const until = performance.now() + SECONDS * 1_000;
    const using = [1, 2, 3].map(async () => {
      while (performance.now() < until) await useDaemon(daemon, ids, place.home, stored);
    });
    while (performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const victim = pick([...lines, undefined]);
      if (victim) await victim.restart();
      else {
        await daemon.kill('SIGKILL');
        daemon = await place.start();
      }
    }
    await Promise.all(using);
    await Promise.all([...lines.map((line) => line.kill()), daemon.kill('SIGKILL')]);
    const locked = [...files(place), ...globSync(path.join(place.home, 'thread-writer-locks/*.lock'))];
    await expect.poll(() => locked.filter((file) => !isFree(file)), { timeout: 1_000 }).toEqual([]);

    await (await place.start()).kill('SIGTERM');
    const times = said(place);
    expect(stored.size).toBeGreaterThan(50);
    expect([...stored].filter((text) => times.get(text) !== 1)).toEqual([]);
    expect(files(place)).toHaveLength(CONVERSATIONS);
    console.log(`${stored.size} records of three programs`);
  });
});
