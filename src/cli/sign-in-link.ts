import { OperatorError } from '../daemon/operator-error.ts';
import { resolveAddress, resolveCredential } from './connection.ts';

const TIMEOUT_MS = 5_000;

/**
 * Has the running daemon make a code that signs one browser in.
 *
 * @returns the address with the code in its fragment, which browsers send to nobody
 * @throws {OperatorError} when no daemon answers, or it does not take the token
 */
export async function makeSignInLink(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { url } = await resolveAddress(folder, env);
  const { token } = await resolveCredential(folder, env);
  const answer = await ask(`${url}/v1/session/codes`, token);
  const body = (await answer.json()) as { code?: unknown; detail?: unknown };
  if (answer.status === 201 && typeof body.code === 'string') return `${url}/#code=${body.code}`;
  throw new OperatorError(`codexd on ${url} refuses to make a sign-in code: ${String(body.detail)}`);
}

async function ask(url: string, token: string): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    return await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}` }, signal });
  } catch (cause) {
    throw new OperatorError(`codexd does not answer on ${new URL(url).origin}.`, { cause });
  }
}
