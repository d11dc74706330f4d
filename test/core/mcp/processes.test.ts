import { expect, onTestFinished, test } from 'vitest';
import { call, connected, isAlive, type Script, scriptedServer, tool } from './scripted-server.ts';

const STUBBORN = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";

function kill(pid: number): void {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}

/** Starts a server and a process below it; returns both pids. */
async function family(script: Script = {}, how: { detached?: boolean } = {}) {
  const calls = { t: { spawn: [STUBBORN], ...how }, silent: { silence: true } };
  const server = await scriptedServer({ ...script, tools: [tool('t'), tool('silent')], calls });
  const connections = await connected({ s: server });
  const [{ text }] = JSON.parse(await call(connections, 's__t').output);
  const child = Number(text);
  onTestFinished(() => kill(child));
  return { connections, parent: Number(server.journal()[0]?.pid), child };
}

test('closing ends a server and what it started', async () => {
  const { connections, parent, child } = await family();
  expect([parent, child].map(isAlive)).toEqual([true, true]);
  await connections.close();
  expect([parent, child].map(isAlive)).toEqual([false, false]);
});

test('closing ends a server that does not want to, after two seconds', async () => {
  const { connections, parent, child } = await family({ ignoreTermination: true });
  const startedAt = performance.now();
  await connections.close();
  expect(performance.now() - startedAt).toBeGreaterThan(1900);
  expect([parent, child].map(isAlive)).toEqual([false, false]);
});

test('a server that ends by itself takes with it what it started', async () => {
  const { connections, parent, child } = await family();
  process.kill(parent, 'SIGKILL');
  await expect.poll(() => isAlive(child)).toBe(false);
  await connections.close();
});

test('a process that left the group does not keep the end of its server from being noticed', async () => {
  const { connections, parent, child } = await family({}, { detached: true });
  const { output } = call(connections, 's__silent');
  process.kill(parent, 'SIGKILL');
  expect(await output).toContain('the server was ended by SIGKILL');
  expect(isAlive(child)).toBe(true);
});

test('REL-CH-2: twenty servers leave no process behind', async () => {
  const pids: unknown[] = [];
  for (let round = 0; round < 4; round++) {
    const entries = await Promise.all(
      Array.from({ length: 5 }, async (_, index) => [`s${index}`, await scriptedServer()] as const),
    );
    const connections = await connected(Object.fromEntries(entries));
    expect(connections.failures).toEqual([]);
    await connections.close();
    pids.push(...entries.map(([, server]) => server.journal()[0]?.pid));
  }
  expect(pids).toHaveLength(20);
  for (const pid of pids) expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
});
