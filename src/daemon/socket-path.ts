import { createHash } from 'node:crypto';
import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Home } from './home.ts';
import { OperatorError, systemErrorCode } from './operator-error.ts';
import { ensurePrivateFolder } from './private-path.ts';

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, the end mark included. */
const MAX_BYTES = 100;

/**
 * Where the unix socket goes, with its folder made (0700) and checked, and a left-over socket removed.
 * Only the holder of the instance lock may call it.
 *
 * @param requested a path relative to `cwd`, or `undefined` for the default place
 * @throws {OperatorError} when the path is too long, its folder is open to others, or something else is there
 */
export async function prepareSocketPath(
  requested: string | undefined,
  home: Home,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const path = requested === undefined ? defaultSocketPath(home, env) : explicitSocketPath(requested, cwd);
  await ensurePrivateFolder(dirname(path));
  await removeLeftOver(path);
  return path;
}

function explicitSocketPath(requested: string, cwd: string): string {
  const path = resolve(cwd, requested);
  if (fits(path)) return path;
  throw new OperatorError(`The socket path ${path} is longer than ${MAX_BYTES} bytes; choose a shorter one.`);
}

function defaultSocketPath(home: Home, env: NodeJS.ProcessEnv): string {
  const path = join(home.folder, 'codexd.sock');
  if (fits(path)) return path;
  const runtime = env.XDG_RUNTIME_DIR;
  if (runtime !== undefined && isAbsolute(runtime)) {
    const name = createHash('sha256').update(home.codexHome).digest('hex').slice(0, 16);
    const short = join(runtime, 'codexd', `${name}.sock`);
    if (fits(short)) return short;
  }
  throw new OperatorError(
    `The socket path ${path} is longer than ${MAX_BYTES} bytes and XDG_RUNTIME_DIR gives no shorter one. ` +
      'Choose a path with --socket PATH, or do without with --no-socket.',
  );
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_BYTES;
}

/** Removes a socket only when it is ours and nobody answers there. */
async function removeLeftOver(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (!found.isSocket()) throw new OperatorError(`${path} exists and is not a socket. Move it away.`);
  if (found.uid !== process.geteuid?.()) throw new OperatorError(`${path} belongs to user ${found.uid}.`);
  const answer = await probe(path);
  if (answer === 'ECONNREFUSED') await unlink(path);
  else if (answer !== 'ENOENT') throw new OperatorError(`The socket ${path} is in use (${answer}).`);
}

/** @returns the error code of an attempt to connect, or `connected` */
function probe(path: string): Promise<string> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      done('connected');
    });
    socket.once('error', (error) => done(systemErrorCode(error) ?? error.message));
  });
}
