import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Finished } from './standing-daemon.ts';

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');
const SYSTEMD = '/lib/systemd/systemd';

/** A user's own systemd needs a booted one and its cgroups; both are made up in namespaces of its own. */
const START = `
mount -t tmpfs none /run
mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR"
umount -R /sys/fs/cgroup 2>&-
mount -t cgroup2 none /sys/fs/cgroup
${SYSTEMD} --user &
trap 'kill $!; wait $!' TERM
until systemctl --user show --property=Version 2>&-; do sleep 0.05; done
wait $!
`;

/** A real systemd for one user, who has nothing but a home folder. */
export interface UserSystemd {
  readonly home: string;
  readonly config: string;
  /** Runs the built program in the user's session. */
  codexd(...args: readonly string[]): Promise<Finished>;
}

export const canRunSystemd = process.getuid?.() === 0 && existsSync(SYSTEMD) && canUnshare();

function canUnshare(): boolean {
  try {
    execFileSync('unshare', ['-m', '-C', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export async function startUserSystemd(): Promise<UserSystemd> {
  const root = mkdtempSync(path.join(os.tmpdir(), 'codexd-systemd-'));
  const [home, config] = [path.join(root, 'home of $USER 100%'), path.join(root, 'config')];
  for (const folder of [path.join(home, '.codex'), config]) mkdirSync(folder, { recursive: true });
  const { CODEX_HOME: _1, CODEXD_TOKEN: _2, CODEXD_URL: _3, ...inherited } = process.env;
  const env = { ...inherited, HOME: home, XDG_CONFIG_HOME: config, XDG_RUNTIME_DIR: '/run/user' };
  const systemd = spawn('unshare', ['-m', '-C', '--propagation', 'private', 'sh', '-c', START], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(systemd, 'exit');
  onTestFinished(async () => {
    systemd.kill();
    await ended;
    rmSync(root, { recursive: true, force: true });
  });
  await Promise.race([
    once(systemd.stdout, 'data'),
    ended.then(() => Promise.reject(new Error('systemd ended'))),
  ]);
  const session = ['-t', String(systemd.pid), '-m', '-C', process.execPath, CLI];
  return {
    home,
    config,
    codexd: (...args) =>
      finished(spawn('nsenter', [...session, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })),
  };
}

async function finished(child: ChildProcess): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}
