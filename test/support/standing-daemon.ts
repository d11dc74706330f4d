import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DaemonProcess } from './daemon-process.ts';

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');

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

export interface StandingOptions {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Shell commands before the daemon takes the shell's place. */
  readonly before?: string;
  /** Files of the home, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export async function startStandingDaemon(options: StandingOptions = {}): Promise<StandingDaemon> {
  const { args: flags = [], before = ':', files = {} } = options;
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'codexd-standing-')));
  const [home, cwd] = [path.join(root, 'home'), path.join(root, 'work')];
  for (const folder of [home, cwd]) mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(home, name), text);
  const env = { ...process.env, CODEX_HOME: home, ...options.env };
  let log = '';

  async function start(port: string): Promise<DaemonProcess> {
    const args = [CLI, 'serve', '--demo', '--port', port, '--log-level', 'debug', ...flags];
    const child = spawn('sh', ['-c', `${before}; exec "$@"`, 'sh', process.execPath, ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
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
