import { lstat } from 'node:fs/promises';
import type { Logger } from 'pino';
import { OperatorError, systemErrorCode } from './operator-error.ts';
import { readToken, replaceToken, type Token } from './token.ts';

/** Changes are to take effect within a second (SEC-TOK-7). */
const INTERVAL_MS = 400;

export interface TokenWatch {
  /** Looks at once. */
  look(): void;
  /** Resolves when a look that was under way is over. */
  stop(): Promise<void>;
}

/**
 * Looks at the token's file again and again. A deleted one is replaced by a new token. While the file holds no token, or
 * others may touch it, no token is good.
 *
 * @param onChange gets the token that counts from now on, `undefined` for none
 */
export function watchToken(
  { path, value }: Token,
  onChange: (value: string | undefined) => void,
  log: Pick<Logger, 'info' | 'error' | 'warn'>,
): TokenWatch {
  let current: string | undefined = value;
  let seen: string | undefined;
  let looking = Promise.resolve();
  let idle = true;
  let trouble: string | undefined;

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

  async function lookOnce(): Promise<void> {
    idle = false;
    try {
      await look();
      trouble = undefined;
    } catch (err) {
      const code = systemErrorCode(err) ?? String(err);
      if (code !== trouble) log.warn({ err }, "the token's file cannot be looked at now");
      trouble = code;
    } finally {
      idle = true;
    }
  }

  const lookUnlessLooking = (): void => {
    if (idle) looking = lookOnce();
  };
  const timer = setInterval(lookUnlessLooking, INTERVAL_MS);
  return {
    look: lookUnlessLooking,
    stop() {
      clearInterval(timer);
      return looking;
    },
  };
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
