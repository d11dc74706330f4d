import { ConnectionError } from './errors.ts';

/** Where the daemon is, and what it is shown. */
export interface Endpoint {
  /** Without a trailing slash, as `http://127.0.0.1:4517`. */
  readonly url: string;
  /** Left out where a cookie stands in for it. */
  readonly token?: string | undefined;
}

/** One WebSocket connection. */
export interface Link {
  send(text: string): void;
  close(): void;
}

export interface LinkEvents {
  onMessage(text: string): void;
  /** Called once, whoever closed it. */
  onClose(reason: string): void;
}

const SUBPROTOCOL = 'codexd.v1';
const TIMEOUT_MS = 10_000;
/** Answers of a daemon that is busy, or about to be started again: another time it may let us in. */
const PASSING = new Set([429, 503]);
/** Characters of a sub-protocol's name: RFC 6455, section 4.1. */
const TOKEN_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** @throws {ConnectionError} `unreachable` or `refused` */
export async function openLink(endpoint: Endpoint, events: LinkEvents): Promise<Link> {
  const socket = createSocket(endpoint);
  const opened = Promise.withResolvers<void>();
  const timer = setTimeout(() => opened.reject(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  let isOpen = false;
  socket.addEventListener('open', () => opened.resolve());
  socket.addEventListener('error', () => opened.reject(new Error('the connection failed')));
  socket.addEventListener('message', ({ data }) => events.onMessage(String(data)));
  socket.addEventListener('close', ({ code, reason }) => {
    opened.reject(new Error(`closed (${code})`));
    if (isOpen) events.onClose(reason || `closed (${code})`);
  });
  try {
    await opened.promise;
    isOpen = true;
  } catch (error) {
    socket.close();
    throw await explain(endpoint, error);
  } finally {
    clearTimeout(timer);
  }
  return { send: (text) => socket.send(text), close: () => socket.close() };
}

function createSocket({ url, token }: Endpoint): WebSocket {
  const address = `${url.replace(/^http/, 'ws')}/rpc`;
  if (token === undefined) return new WebSocket(address, [SUBPROTOCOL]);
  if (TOKEN_NAME.test(token)) return new WebSocket(address, [SUBPROTOCOL, `codexd.bearer.${token}`]);
  // Node takes headers, which browsers do not; there such a token can only be typed into the page.
  const HeaderSocket = WebSocket as unknown as SocketWithHeaders;
  return new HeaderSocket(address, {
    protocols: [SUBPROTOCOL],
    headers: { authorization: `Bearer ${token}` },
  });
}

/** What Node can do and browsers cannot. */
type SocketWithHeaders = new (
  address: string,
  options: { protocols: string[]; headers: Record<string, string> },
) => WebSocket;

/** A WebSocket does not say why it was refused; an ordinary request is told. */
async function explain({ url, token }: Endpoint, cause: unknown): Promise<ConnectionError> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const answer = await fetch(`${url}/v1/user-agent`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) {
      const fault = PASSING.has(answer.status) ? 'unreachable' : 'refused';
      return new ConnectionError(fault, await detailOf(answer), { cause });
    }
    await answer.body?.cancel();
  } catch {
    // Then nothing answers there, which the following says.
  }
  return new ConnectionError('unreachable', `nothing answers at ${url}`, { cause });
}

async function detailOf(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return `codexd refuses the connection (${answer.status}): ${String(detail ?? text)}`;
  } catch {
    return `codexd refuses the connection (${answer.status})`;
  }
}
