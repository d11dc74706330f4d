import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'smol-toml';
import type { Address } from './door.ts';

const CLI = path.resolve(import.meta.dirname, '../../../dist/cli.js');
/** Daemons are started many times over; compiling them once is enough. */
export const COMPILE_CACHE = path.join(os.tmpdir(), 'codexd-compile-cache');
/** Nothing starts as slowly as this, however busy the machine is. */
const START_LIMIT_MS = 30_000;

/** The built daemon on the home below `root`. */
export interface RealDaemon extends Address {
  readonly pid: number;
  /**
   * Resolves when it is gone, with its exit code.
   * @throws Error when it was gone already
   */
  stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

export const homeOf = (root: string): string => path.join(root, 'home');
const logOf = (root: string): string => path.join(root, 'daemon.log');

export function prepareHome(root: string, modelUrl: string): string {
  const home = homeOf(root);
  mkdirSync(home, { recursive: true });
  mkdirSync(path.join(root, 'work'), { recursive: true });
  writeFileSync(path.join(home, 'config.toml'), configuration(modelUrl));
  return home;
}

export const FIRST_MODEL = 'crash-model';

function configuration(modelUrl: string, model = FIRST_MODEL): string {
  return `# What a person has written here stays.
model = "${model}"
model_provider = "crash"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.crash]
name = "Crash"
base_url = "${modelUrl}"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1
`;
}

/** What a `config.toml` of these tests says when another model was chosen; the model server is where that text has it. */
export function configurationLike(text: string, model: string): unknown {
  const [, url = ''] = /^base_url = "(.*)"$/m.exec(text) ?? [];
  return parse(configuration(url, model));
}

/** Its log goes to `daemon.log` below `root`, that of all daemons there. */
export async function startRealDaemon(root: string): Promise<RealDaemon> {
  const home = homeOf(root);
  const log = openSync(logOf(root), 'a', 0o600);
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0', '--log-level', 'warn'], {
    cwd: root,
    env: { ...process.env, CODEX_HOME: home, NODE_COMPILE_CACHE: COMPILE_CACHE },
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const gone = once(child, 'exit');
  await started(child, root);
  const info = JSON.parse(readFileSync(path.join(home, 'codexd/daemon.json'), 'utf8'));
  return {
    pid: Number(child.pid),
    url: info.url,
    socket: info.socket,
    token: readFileSync(info.tokenPath, 'utf8').trim(),
    async stop(signal) {
      if (!child.kill(signal)) throw new Error(`the daemon had died by itself; see ${logOf(root)}`);
      const [code] = await gone;
      return code;
    },
  };
}

async function started(child: ChildProcess, root: string): Promise<void> {
  const failed = (why: string): Error => new Error(`the daemon ${why}; see ${logOf(root)}`);
  const late = AbortSignal.timeout(START_LIMIT_MS);
  if (!child.stdout) throw failed('has no output');
  const exit = once(child, 'exit', { signal: late }).then(() => Promise.reject(failed('ended')));
  exit.catch(() => {});
  try {
    await Promise.race([once(child.stdout, 'data', { signal: late }), exit]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
