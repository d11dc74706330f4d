import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ClientOptions, WebSocket } from 'ws';
import { OperatorError } from '../../daemon/operator-error.ts';
import type { Address } from '../connection.ts';

const TIMEOUT_MS = 10_000;

/**
 * An open JSON-RPC connection, over the unix socket where there is one.
 *
 * @param token asked for only where the address has no unix socket
 * @throws {OperatorError} when the daemon cannot be reached or refuses
 */
export async function openDaemonSocket(
  { url, socket: file }: Address,
  token: () => Promise<string>,
): Promise<WebSocket> {
  const place = file === null ? url : `http://codexd`;
  const socket = new WebSocket(`${place.replace(/^http/, 'ws')}/rpc`, {
    // Nobody but the user's own daemon sends anything, and its answers may be of any length.
    maxPayload: 0,
    perMessageDeflate: false,
    handshakeTimeout: TIMEOUT_MS,
    ...(await access(file, token)),
  });
  const refusal = once(socket, 'unexpected-response').then(([, answer]) => refused(answer));
  refusal.catch(() => {});
  try {
    await Promise.race([once(socket, 'open'), refusal]);
    return socket;
  } catch (error) {
    socket.on('error', () => {}).terminate();
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`Nothing answers at ${file ?? url}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function access(file: string | null, token: () => Promise<string>): Promise<ClientOptions> {
  if (file === null) return { headers: { authorization: `Bearer ${await token()}` } };
  return { createConnection: () => connect(file) };
}

async function refused(answer: IncomingMessage): Promise<never> {
  const problem = await text(answer);
  throw new OperatorError(`codexd refuses the connection (${answer.statusCode}): ${detailOf(problem)}`);
}

function detailOf(problem: string): string {
  try {
    return String((JSON.parse(problem) as { detail?: unknown }).detail ?? problem);
  } catch {
    return problem;
  }
}
