import { setTimeout as delay } from 'node:timers/promises';
import { locateHome } from '../daemon/home.ts';
import { findDaemon } from '../daemon/info.ts';
import { OperatorError } from '../daemon/operator-error.ts';
import { replaceToken } from '../daemon/token.ts';
import { type Credential, resolveCredential } from './connection.ts';
import { note, type OutputFlags, print } from './output.ts';
import { ensureDaemon, type StartFlags } from './start-daemon.ts';

export interface TokenFlags extends OutputFlags, StartFlags {
  readonly rotate?: boolean;
}

/** A daemon takes the new token up within a second; then it is printed, and works. */
const TAKE_UP_MS = 3_000;
/** Each question is a wrong credential until the daemon has looked, and it counts those. */
const ASK_EVERY_MS = 400;

/** `codexd token`: the bearer token and nothing else on stdout. */
export async function printToken(flags: TokenFlags): Promise<number> {
  const { folder } = await locateHome(process.env);
  await ensureDaemon(folder, process.env, flags);
  const found = await resolveCredential(folder, process.env);
  const { token, tokenPath, running } = flags.rotate ? await rotate(folder, found) : found;
  if (!running) note('codexd is not running; this is the token that it will use.');
  print(flags, { token, tokenPath }, token);
  return 0;
}

async function rotate(folder: string, { tokenPath }: Credential): Promise<Credential> {
  if (tokenPath === null) {
    throw new OperatorError('CODEXD_TOKEN gives the token: change it there, and start codexd anew.');
  }
  const token = await replaceToken(tokenPath);
  const presence = await findDaemon(folder);
  const running = presence.state === 'running';
  if (running && !(await isTakenUp(presence.info.url, token))) {
    note('codexd does not take the new token yet; its log says why.');
  }
  return { token, tokenPath, running };
}

async function isTakenUp(url: string, token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  const limit = Date.now() + TAKE_UP_MS;
  while (Date.now() < limit) {
    await delay(ASK_EVERY_MS);
    const answer = await fetch(`${url}/v1/user-agent`, { headers }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return true;
  }
  return false;
}
