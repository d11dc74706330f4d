import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DaemonProcess } from '../daemon-process.ts';

const CLI = path.resolve(import.meta.dirname, '../../../dist/cli.js');

/** What the daemon's own log says about a request. */
export interface Answered {
  readonly method: string;
  readonly route?: string;
  readonly status: number;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built daemon with the demo model, for all tests of a file. */
export interface StandingDaemon extends AsyncDisposable {
  readonly daemon: DaemonProcess;
  readonly home: string;
  readonly cwd: string;
  /** A new process on the same home and port. */
  restart(): Promise<void>;
  /** Every request that was answered so far. */
  answered(): Answered[];
  cli(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished>;
}

export async function startStandingDaemon(): Promise<StandingDaemon> {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'codexd-browser-')));
  const [home, cwd] = [path.join(root, 'home'), path.join(root, 'work')];
  for (const folder of [home, cwd]) mkdirSync(folder);
  const env = { ...process.env, CODEX_HOME: home };
  let log = '';

  async function start(port: string): Promise<DaemonProcess> {
    const args = ['serve', '--demo', '--port', port, '--log-level', 'debug'];
    const child = spawn(process.execPath, [CLI, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const ended = once(child, 'exit').then(() => Promise.reject(new Error(`the daemon ended: ${log}`)));
    ended.catch(() => {});
    await Promise.race([once(child.stdout, 'data'), ended]);
    return new DaemonProcess(child, home, () => log);
  }

  let daemon = await start('0');
  return {
    get daemon() {
      return daemon;
    },
    home,
    cwd,
    async restart() {
      await daemon.kill('SIGTERM');
      daemon = await start(new URL(daemon.url).port);
    },
    answered: () =>
      log
        .split('\n')
        .filter((line) => line.includes('"answered"'))
        .map((line) => JSON.parse(line)),
    async cli(args, more = {}) {
      const child = spawn(process.execPath, [CLI, ...args], {
        env: { ...env, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      const [code] = await once(child, 'close');
      return { code, stdout, stderr };
    },
    async [Symbol.asyncDispose]() {
      await daemon.kill('SIGKILL');
      rmSync(root, { recursive: true, force: true });
    },
  };
}
