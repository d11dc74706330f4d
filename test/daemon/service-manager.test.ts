import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openServiceManager } from '../../src/daemon/service-manager.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What systemd is to the daemon: a socket that takes datagrams, which it says one line each. */
const RECEIVER = `
use IO::Socket::UNIX; $| = 1;
my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
print "ready\\n";
while (defined $socket->recv(my $text, 4096)) { $text =~ s/\\n/ /g; print "$text\\n"; }`;

const has = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

async function receive(): Promise<{ socket: string; heard: string[] }> {
  const socket = join(temporaryFolder(), 'notify');
  const receiver = spawn('perl', ['-e', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void receiver.kill());
  const heard: string[] = [];
  const lines = createInterface(receiver.stdout);
  await once(lines, 'line');
  lines.on('line', (line) => heard.push(line.trim()));
  return { socket, heard };
}

const canTell = has('perl') && has('systemd-notify');
if (!canTell) console.log('skipped: perl or systemd-notify is missing');

describe('systemd', () => {
  test.runIf(canTell)(
    'REL-SIG-6: is told when the daemon is ready, that it lives, and when it stops',
    async () => {
      const { socket, heard } = await receive();
      const warnings: object[] = [];
      const env = { PATH: process.env.PATH, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '400000' };
      const manager = openServiceManager(env, { warn: (details) => void warnings.push(details) });
      onTestFinished(() => manager.close());
      expect(Object.keys(env)).toEqual(['PATH']);
      manager.ready('listening on http://127.0.0.1:4517');
      const news = () => heard.join('\n');
      await expect
        .poll(news, { timeout: 5_000 })
        .toContain('READY=1 STATUS=listening on http://127.0.0.1:4517');
      const pings = () => heard.filter((line) => line.includes('WATCHDOG=1')).length;
      await expect.poll(pings, { timeout: 5_000 }).toBeGreaterThan(2);
      manager.stopping();
      await expect.poll(news, { timeout: 5_000 }).toContain('STOPPING=1');
      expect(warnings).toEqual([]);
    },
  );

  test.runIf(canTell)('REL-SIG-6: hears no signs of life that are meant for another process', async () => {
    const { socket, heard } = await receive();
    const env = { PATH: process.env.PATH, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' };
    const manager = openServiceManager(env, { warn: () => {} });
    manager.ready('here');
    await expect.poll(() => heard.join(), { timeout: 5_000 }).toContain('READY=1');
    manager.stopping();
    await expect.poll(() => heard.join(), { timeout: 5_000 }).toContain('STOPPING=1');
    expect(heard.join()).not.toContain('WATCHDOG');
  });

  test('without it nothing is told, and a program that is missing is said once', async () => {
    openServiceManager({ PATH: process.env.PATH }, { warn: () => expect.unreachable() }).ready('here');
    const warnings: object[] = [];
    const env = { PATH: temporaryFolder(), NOTIFY_SOCKET: '/nowhere' };
    const manager = openServiceManager(env, { warn: (details) => void warnings.push(details) });
    manager.ready('here');
    manager.stopping();
    await expect.poll(() => warnings).toHaveLength(1);
  });
});
