import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { RpcError } from '../protocol/errors.ts';
import { PROBLEM_TYPE } from './problem.ts';

interface Answer {
  status: number;
  reason: string;
  detail: string;
}

const TIMEOUT: Answer = { status: 408, reason: 'timeout', detail: 'the request did not arrive in time' };
const MALFORMED: Answer = { status: 400, reason: 'not_http', detail: 'the request is not valid HTTP/1.1' };

/** By code of the error that Node's parser reports. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  HPE_HEADER_OVERFLOW: { status: 431, reason: 'headers_too_large', detail: 'the headers are too large' },
  ERR_HTTP_REQUEST_TIMEOUT: TIMEOUT,
};

/** Answers what never became a request, so that no hook and no route has seen it, and hangs up. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  refuseSocket(socket, ANSWERS[error.code ?? ''] ?? MALFORMED);
}

/** For a connection that was given its time and has not come to the end of a request. */
export const refuseIdle = (socket: Socket): void => refuseSocket(socket, TIMEOUT);

function refuseSocket(socket: Socket, { status, reason, detail }: Answer): void {
  const problem = { ...new RpcError('invalidRequest', detail, { reason }).toProblem(), status };
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
