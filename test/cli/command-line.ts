import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DaemonInfo } from '../../src/daemon/info.ts';

const CLI = join(import.meta.dirname, 'stub-cli.ts');
/** Compiled sources are kept between processes: most of a start is compiling. */
const COMPILE_CACHE = join(import.meta.dirname, '../../node_modules/.cache/codexd-test');

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** The first line on stdout; rejected when the process ends without one. */
  readonly ready: Promise<string>;
  readonly finished: Promise<Finished>;
  /** stderr so far contains the text; awaited. */
  readonly logged: (text: string) => Promise<void>;
}

export interface Place {
  readonly home: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Leave stderr unread until {@link Running.finished} is looked at. */
  readonly stalledStderr?: boolean;
}

export function startCli(args: readonly string[], place: Place): Running {
  const { CODEXD_TOKEN: _1, CODEXD_URL: _2, CODEXD_LOG: _3, ...inherited } = process.env;
  const env = { ...inherited, NODE_COMPILE_CACHE: COMPILE_CACHE, CODEX_HOME: place.home, ...place.env };
  const child = spawn(process.execPath, [CLI, ...args], {
    env,
    cwd: place.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let stdout = '';
  let stderr = '';
  const ready = Promise.withResolvers<string>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (stdout.includes('\n')) ready.resolve(stdout.slice(0, stdout.indexOf('\n')));
  });
  if (!place.stalledStderr) {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
  }
  const finished = new Promise<Finished>((resolve) => {
    child.once(place.stalledStderr ? 'exit' : 'close', (code, signal) =>
      resolve({ code, signal, stdout, stderr }),
    );
  });
  finished.then(() => ready.reject(new Error(`ended without a line on stdout: ${stderr}`)));
  ready.promise.catch(() => {});
  const logged = async (text: string) => {
    while (!stderr.includes(text)) await new Promise((resolve) => child.stderr.once('data', resolve));
  };
  return { child, ready: ready.promise, finished, logged };
}

export function runCli(args: readonly string[], place: Place): Promise<Finished> {
  return startCli(args, place).finished;
}

/** A daemon that accepts requests on a free port. */
export async function startDaemon(
  home: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Running & { info: DaemonInfo }> {
  const running = startCli(['serve', '--port', '0', ...args], { home, env });
  await running.ready;
  return { ...running, info: readInfo(home) };
}

export function readInfo(home: string): DaemonInfo {
  return JSON.parse(readFileSync(join(home, 'codexd', 'daemon.json'), 'utf8')) as DaemonInfo;
}

/** What the stub answers on one of its routes. */
export async function ask<T = unknown>(info: DaemonInfo, route: string): Promise<T> {
  return (await (await fetch(`${info.url}${route}`)).json()) as T;
}
