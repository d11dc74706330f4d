import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Answer, HttpAnswer } from './answers.ts';
import { createRecording, type RecordedRequest, type Recording, type RequestBody } from './recording.ts';
import { sendAnswer } from './stream.ts';

/** Decides what one request is answered with. An error it throws becomes a 500 that carries its message. */
export type Responder = (request: RecordedRequest) => Answer | Promise<Answer>;

export interface ModelServer extends Pick<Recording, 'requests' | 'waitForRequests' | 'nextRequest'> {
  /** Base URL for a model provider, `http://127.0.0.1:PORT/v1`. */
  readonly url: string;
  readonly port: number;
  /** Closes all connections, open streams as well. */
  close(): Promise<void>;
}

export interface ModelServerOptions {
  readonly respond: Responder;
  /** 0, or nothing, takes a free one. */
  readonly port?: number;
  /** Off for a server that goes on for long: each request holds the whole conversation. */
  readonly keepsRequests?: boolean;
}

/**
 * A model on a loopback port: the Responses API over Server-Sent Events, for `POST` to any path that ends in
 * `/responses`. Other requests get 404, a body without an `input` list 400.
 */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const recording = createRecording({ keepsRequests: options.keepsRequests ?? true });
  const server = createServer((request, response) => {
    serve(request, response, options.respond, recording).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the model server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    port: address.port,
    requests: recording.requests,
    waitForRequests: recording.waitForRequests,
    nextRequest: recording.nextRequest,
    async close() {
      recording.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  respond: Responder,
  recording: Recording,
): Promise<void> {
  if (!isResponsesCall(request)) return sendAnswer(response, failure(404, 'no such path'));
  const body = await json(request).catch(() => undefined);
  if (!isRequestBody(body)) return sendAnswer(response, failure(400, 'the body needs a list `input`'));
  const recorded = record(request, response, body, recording.received);
  recording.add(recorded);
  await sendAnswer(response, await answerOf(respond, recorded));
}

async function answerOf(respond: Responder, request: RecordedRequest): Promise<Answer> {
  try {
    return await respond(request);
  } catch (error) {
    return failure(500, error instanceof Error ? error.message : String(error));
  }
}

function isResponsesCall({ method, url = '' }: IncomingMessage): boolean {
  return method === 'POST' && new URL(url, 'http://127.0.0.1').pathname.endsWith('/responses');
}

function isRequestBody(body: unknown): body is RequestBody {
  return typeof body === 'object' && body !== null && 'input' in body && Array.isArray(body.input);
}

function record(
  request: IncomingMessage,
  response: ServerResponse,
  body: RequestBody,
  index: number,
): RecordedRequest {
  let closedEarly = false;
  const closed = new Promise<boolean>((resolve) => {
    response.once('close', () => {
      closedEarly = !response.writableFinished;
      resolve(closedEarly);
    });
  });
  return {
    index,
    url: request.url ?? '',
    headers: request.headers,
    body,
    closed,
    get closedEarly() {
      return closedEarly;
    },
  };
}

function failure(status: number, message: string): HttpAnswer {
  return { status, body: { error: { message } } };
}
