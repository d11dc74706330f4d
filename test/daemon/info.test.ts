import { spawn } from 'node:child_process';
import { closeSync, openSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type DaemonInfo,
  findDaemon,
  infoPath,
  processStartedAt,
  publishInfo,
  withdrawInfo,
} from '../../src/daemon/info.ts';
import { lockPath } from '../../src/daemon/lock.ts';
import { temporaryFolder } from './temporary-folder.ts';

const INFO: DaemonInfo = {
  pid: process.pid,
  url: 'http://127.0.0.1:4517',
  socket: null,
  version: '1.2.3',
  protocolVersions: ['v1'],
  tokenPath: '/home/user/.codex/codexd/token',
  startedAt: processStartedAt(),
};

async function published(changes: Partial<DaemonInfo> = {}): Promise<string> {
  const folder = temporaryFolder();
  await publishInfo(folder, { ...INFO, ...changes });
  return folder;
}

describe('daemon.json', () => {
  test('comes back as it was written, private, until it is withdrawn', async () => {
    const folder = await published();
    expect(statSync(infoPath(folder)).mode & 0o777).toBe(0o600);
    expect(await findDaemon(folder)).toEqual({ state: 'running', info: INFO });
    await withdrawInfo(folder);
    expect(await findDaemon(folder)).toEqual({ state: 'absent' });
  });

  test('of a process that has ended is stale', async () => {
    const child = spawn('true');
    await new Promise((resolve) => child.once('exit', resolve));
    const folder = await published({ pid: child.pid ?? 0 });
    expect(await findDaemon(folder)).toMatchObject({ state: 'stale' });
  });

  test('SEC-DISC-2: whose startedAt is not when the process started is stale', async () => {
    const folder = await published({ startedAt: '2001-01-01T00:00:00.000Z' });
    expect(await findDaemon(folder)).toMatchObject({ state: 'stale' });
  });

  test('of a daemon that keeps its lock file open is not stale, though the clock was set', async () => {
    const folder = await published({ startedAt: '2001-01-01T00:00:00.000Z' });
    const fd = openSync(lockPath(folder), 'w', 0o600);
    onTestFinished(() => closeSync(fd));
    expect(await findDaemon(folder)).toMatchObject({ state: 'running' });
  });

  test.each(['', '{', 'null', '[]', '{"pid":1}', JSON.stringify({ ...INFO, pid: -1 })])(
    'with the content %j counts as absent',
    async (text) => {
      const folder = temporaryFolder();
      writeFileSync(infoPath(folder), text, { mode: 0o600 });
      expect(await findDaemon(folder)).toEqual({ state: 'absent' });
    },
  );

  test('that other users can write to is refused', async () => {
    const folder = temporaryFolder();
    writeFileSync(infoPath(folder), JSON.stringify(INFO), { mode: 0o644 });
    await expect(findDaemon(folder)).rejects.toThrow('chmod 600');
  });
});
