import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { TOKEN } from './doors.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body as JSON; throws when it is not. */
  json(): unknown;
}

export interface Call extends Omit<RequestOptions, 'headers'> {
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
}

export const bearer = { authorization: `Bearer ${TOKEN}` };

/** One request with exactly these headers and, beside them, what Node adds; an upgrade counts as status 101. */
export function call(url: string, { body, ...options }: Call = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent: false, ...options });
    outgoing.on('error', reject);
    outgoing.on('upgrade', (incoming, socket) => {
      socket.destroy();
      resolve(answer(incoming.statusCode, incoming.headers, ''));
    });
    outgoing.on('response', async (incoming) => {
      let text = '';
      for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
      resolve(answer(incoming.statusCode, incoming.headers, text));
    });
    outgoing.end(body);
  });
}

export const post = (url: string, body: unknown, headers: Record<string, string> = bearer): Promise<Answer> =>
  call(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

export const get = (url: string, headers: Record<string, string> = bearer): Promise<Answer> =>
  call(url, { headers });

function answer(status: number | undefined, headers: IncomingHttpHeaders, text: string): Answer {
  return { status: status ?? 0, headers, text, json: () => JSON.parse(text) };
}

/** Sends bytes as they are and reads until the server hangs up. */
export function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', reject).on('close', () => resolve(received));
  });
}
