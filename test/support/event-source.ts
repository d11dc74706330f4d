import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { onTestFinished } from 'vitest';
import { bearer } from './http.ts';

/** A reader of server-sent events that keeps what it receives until it is asked for. */
export interface Reader {
  readonly response: IncomingMessage;
  readonly comments: string[];
  /** Milliseconds that the server asked to wait before reconnecting. */
  readonly retry: number | undefined;
  /** The next event, or `undefined` when the stream has ended. */
  next(): Promise<EventSourceMessage | undefined>;
  /** Everything up to the end of the stream. */
  rest(): Promise<EventSourceMessage[]>;
  hangUp(): void;
}

export function openEvents(
  url: string,
  headers: Record<string, string> = {},
  credential: Record<string, string> = bearer,
): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers: { ...credential, ...headers }, agent: false });
    onTestFinished(() => void outgoing.destroy());
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      if (response.statusCode === 200) return resolve(readerOf(outgoing, response));
      response.resume();
      reject(new Error(`status ${response.statusCode}`));
    });
    outgoing.end();
  });
}

function readerOf(outgoing: ClientRequest, response: IncomingMessage): Reader {
  const received: EventSourceMessage[] = [];
  const comments: string[] = [];
  let retry: number | undefined;
  let over = false;
  let wake = (): void => {};
  const parser = createParser({
    onEvent: (event) => received.push(event),
    onComment: (comment) => comments.push(comment),
    onRetry: (value) => {
      retry = value;
    },
  });
  response.setEncoding('utf8').on('data', (chunk) => {
    parser.feed(chunk);
    wake();
  });
  const end = () => {
    over = true;
    wake();
  };
  response.on('end', end).on('error', end).on('close', end);

  async function next(): Promise<EventSourceMessage | undefined> {
    while (received.length === 0 && !over) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return received.shift();
  }

  async function rest(): Promise<EventSourceMessage[]> {
    const all: EventSourceMessage[] = [];
    for (let event = await next(); event; event = await next()) all.push(event);
    return all;
  }

  return {
    response,
    comments,
    next,
    rest,
    hangUp: () => outgoing.destroy(),
    get retry() {
      return retry;
    },
  };
}
