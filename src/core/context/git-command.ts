import { startChild } from '../exec/child.ts';
import type { TakeOutput } from '../exec/output-reader.ts';
import { SpawnError } from '../exec/spawn-error.ts';
import type { Host } from '../host.ts';
import { gitEnvironment } from './git-environment.ts';
import { GitError } from './git-error.ts';
import { type GitSetting, settingArguments } from './git-settings.ts';

export interface GitOptions {
  readonly cwd: string;
  readonly host: Pick<Host, 'env' | 'processes'>;
  /** Ends the command; its reason is thrown, or a `GitError` when that is a timeout. */
  readonly signal: AbortSignal;
  readonly settings?: readonly GitSetting[];
  /** On top of the safe environment. */
  readonly variables?: Readonly<Record<string, string>>;
  /** An open file to read from. */
  readonly stdin?: number;
}

/** Most that a command may say, unless told otherwise. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Runs git and gives what it writes to stdout. Throws `GitError`. */
export async function git(
  args: readonly string[],
  options: GitOptions,
  maxBytes = MAX_BYTES,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  await readGit(args, options, (chunk) => {
    size += chunk.length;
    if (size > maxBytes) throw new GitError('too_large', `git ${args[0]} gave more than ${maxBytes} bytes`);
    chunks.push(Buffer.from(chunk));
  });
  return Buffer.concat(chunks);
}

/** The output without the line break at its end, or `undefined` when git ends with an error. */
export async function askGit(args: readonly string[], options: GitOptions): Promise<string | undefined> {
  try {
    return (await git(args, options)).toString().replace(/\n$/, '');
  } catch (error) {
    if (error instanceof GitError && error.fault === 'failed') return undefined;
    throw error;
  }
}

/**
 * Runs git and hands on what it writes to stdout as it comes, in bytes that are only good until `take` returns; when
 * that throws, git ends and that is thrown.
 */
export async function readGit(args: readonly string[], options: GitOptions, take: TakeOutput): Promise<void> {
  const { signal } = options;
  const child = await start(args, options);
  const stop = (): void => {
    child.killGroup();
    // A process that has left the group may still hold the other end.
    child.stdout.close();
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    child.stderr.read(() => {}).catch(stop);
    await child.stdout.read(take);
    const { code } = await child.exit;
    if (signal.aborted) throw reasonOf(signal, args);
    if (code !== 0) throw new GitError('failed', `git ${args[0]} ended with ${code ?? 'a signal'}`);
  } catch (error) {
    stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    child.release();
  }
}

async function start(args: readonly string[], options: GitOptions) {
  const { cwd, host, signal, settings, variables, stdin } = options;
  if (signal.aborted) throw reasonOf(signal, args);
  try {
    return await startChild({
      command: ['git', '--no-pager', ...settingArguments(settings), ...args],
      cwd,
      env: { ...gitEnvironment(host.env), ...variables },
      processes: host.processes,
      ...(stdin !== undefined && { stdin }),
    });
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    throw new GitError('missing', `git cannot be run: ${error.message}`, { cause: error });
  }
}

function reasonOf(signal: AbortSignal, args: readonly string[]): unknown {
  const { reason } = signal;
  const isTimeout = reason instanceof DOMException && reason.name === 'TimeoutError';
  return isTimeout ? new GitError('timeout', `git ${args[0]} took too long`) : reason;
}
