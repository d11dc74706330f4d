import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError, systemErrorCode } from './operator-error.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

export interface Token {
  readonly value: string;
  /** The file that holds `value`. */
  readonly path: string;
}

const MIN_LENGTH = 32;
const MIN_DISTINCT = 10;

/** The token that is kept between runs. */
export function keptTokenPath(folder: string): string {
  return join(folder, 'token');
}

/** The token of one run that `CODEXD_TOKEN` gave; the kept one stays as it is. */
function runTokenPath(folder: string): string {
  return join(folder, 'token.run');
}

/**
 * The token of this run: that of `CODEXD_TOKEN`, else the kept one, else a new one that is kept from now on.
 * Only the holder of the instance lock may call it.
 *
 * @throws {OperatorError} when a given or kept token is too weak, or its file is open to others
 */
export async function openToken(folder: string, env: NodeJS.ProcessEnv): Promise<Token> {
  if (env.CODEXD_TOKEN !== undefined) return storeRunToken(folder, env.CODEXD_TOKEN);
  await withdrawRunToken(folder);
  const path = keptTokenPath(folder);
  const kept = await readToken(path);
  if (kept !== undefined) return { value: kept, path };
  return { value: await replaceToken(path), path };
}

/** Puts a new token into the file; a running daemon takes it up within a second. */
export async function replaceToken(path: string): Promise<string> {
  const value = `cdx_${randomBytes(32).toString('base64url')}`;
  await writePrivateFile(path, value);
  return value;
}

/**
 * @returns the token in the file, `undefined` when there is no such file
 * @throws {OperatorError} when the token is too weak or the file is open to others
 */
export async function readToken(path: string): Promise<string | undefined> {
  try {
    return checkToken(await readPrivateFile(path), path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes what {@link openToken} wrote for one run only. */
export async function withdrawRunToken(folder: string): Promise<void> {
  await rm(runTokenPath(folder), { force: true });
}

/**
 * @param text may end in one newline
 * @param source named in the error: a variable or a file
 * @throws {OperatorError} the message does not contain the token
 */
export function checkToken(text: string, source: string): string {
  const token = text.replace(/\r?\n$/, '');
  if (token === '') throw new OperatorError(`${source} is empty. The token is always needed.`);
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new OperatorError(`${source}: a token has printable ASCII characters only, without spaces.`);
  }
  if (token.length < MIN_LENGTH || new Set(token).size < MIN_DISTINCT) {
    throw new OperatorError(
      `${source}: a token has at least ${MIN_LENGTH} characters, ${MIN_DISTINCT} of them different.`,
    );
  }
  return token;
}

async function storeRunToken(folder: string, text: string): Promise<Token> {
  const value = checkToken(text, 'CODEXD_TOKEN');
  const path = runTokenPath(folder);
  await writePrivateFile(path, value);
  return { value, path };
}
