import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openHome } from '../daemon/home.ts';
import { findDaemon } from '../daemon/info.ts';
import { OperatorError } from '../daemon/operator-error.ts';
import { givenUrl } from './connection.ts';
import { note } from './output.ts';

export interface StartFlags {
  /** Start a daemon when none runs. */
  readonly start?: boolean;
}

const LIMIT_MS = 30_000;
const LOOK_AGAIN_MS = 100;
/** Of the log, for the person who waits for the start. */
const SHOWN_BYTES = 2_000;

/**
 * Does nothing unless a daemon is asked for and none runs. One that `CODEXD_URL` names is nothing that could be started.
 *
 * @throws {OperatorError} when it does not start, with the end of what it said
 */
export async function ensureDaemon(
  folder: string,
  env: NodeJS.ProcessEnv,
  { start }: StartFlags,
): Promise<void> {
  if (!start || givenUrl(env) !== undefined) return;
  if ((await findDaemon(folder)).state === 'running') return;
  const home = await openHome(env);
  const path = join(home.folder, 'serve.log');
  const log = await open(path, 'a+', 0o600);
  try {
    await startInBackground(log, path, env);
  } catch (error) {
    // Somebody else may have started one meanwhile, and it may not be ready yet.
    if (!(await isStartedByOthers(folder, error))) throw error;
  } finally {
    await log.close();
  }
}

async function isStartedByOthers(folder: string, error: unknown): Promise<boolean> {
  const isHeld = /already running|Another codexd/.test(String(error));
  for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
    if ((await findDaemon(folder)).state === 'running') return true;
    if (!isHeld || waited >= LIMIT_MS) return false;
    await pause(LOOK_AGAIN_MS);
  }
}

async function startInBackground(log: FileHandle, path: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { size } = await log.stat();
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', 'serve'], {
    cwd: homedir(),
    env,
    detached: true,
    stdio: ['ignore', 'pipe', log.fd],
  });
  child.unref();
  const url = await firstLine(child);
  child.stdout?.destroy();
  if (url === undefined)
    throw new OperatorError(`codexd did not start; ${path} says:\n${await tail(log, size)}`);
  note(`started ${url}`);
}

/** `undefined` when the process ends, or takes too long, without one. */
async function firstLine(child: ChildProcess): Promise<string | undefined> {
  const { stdout } = child;
  if (stdout === null) return undefined;
  const signal = AbortSignal.timeout(LIMIT_MS);
  const said = once(stdout, 'data', { signal }).then(([data]) => String(data).trim());
  const ended = once(child, 'exit', { signal }).then(() => undefined);
  return Promise.race([said, ended]).catch(() => undefined);
}

async function tail(log: FileHandle, from: number): Promise<string> {
  const { size } = await log.stat();
  const start = Math.max(from, size - SHOWN_BYTES);
  const { buffer, bytesRead } = await log.read(Buffer.alloc(SHOWN_BYTES), 0, SHOWN_BYTES, start);
  return buffer.toString('utf8', 0, bytesRead).trim();
}
