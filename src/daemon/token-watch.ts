import { lstat } from 'node:fs/promises';
import type { Logger } from 'pino';
import { type FileWatch, watchFile } from '../core/files/watch-file.ts';
import { OperatorError, systemErrorCode } from './operator-error.ts';
import { readToken, replaceToken, type Token } from './token.ts';

/**
 * Looks at the token's file whenever it may have changed, so that changes take effect within a second (SEC-TOK-7). A deleted one is replaced by a new token. While the file holds no token, or
 * others may touch it, no token is good.
 *
 * @param onChange gets the token that counts from now on, `undefined` for none
 */
export function watchToken(
  { path, value }: Token,
  onChange: (value: string | undefined) => void,
  log: Pick<Logger, 'info' | 'error' | 'warn'>,
): FileWatch {
  let current: string | undefined = value;
  let seen: string | undefined;

  async function look(): Promise<void> {
    const state = await describe(path);
    if (state === seen) return;
    const next = await readOrReplace(path, log);
    // What the file was before it was read: a change in between is seen at the next look.
    seen = state;
    if (next === current) return;
    current = next;
    onChange(next);
    log.info(
      { path, good: next !== undefined },
      'the token has changed; what the earlier one opened has ended',
    );
  }

  return watchFile(path, look, log);
}

/** Differs after every change of the file: of its bytes, its name, its owner or its mode. */
async function describe(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await lstat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 'missing';
    throw error;
  }
}

async function readOrReplace(path: string, log: Pick<Logger, 'error'>): Promise<string | undefined> {
  try {
    return (await readToken(path)) ?? (await replaceToken(path));
  } catch (error) {
    const folderIsGone = systemErrorCode(error) === 'ENOENT';
    if (!folderIsGone && !(error instanceof OperatorError)) throw error;
    log.error(`no token is good until this is mended: ${(error as Error).message}`);
    return undefined;
  }
}
