import type { ServerResponse } from 'node:http';
import {
  type Answer,
  type Directive,
  type HttpAnswer,
  isDirective,
  isHttpAnswer,
  type SseEvent,
  type Step,
} from './answers.ts';

/** Sends one answer to its end. Stops, and releases the source of a stream, when the client goes away. */
export async function sendAnswer(response: ServerResponse, answer: Answer): Promise<void> {
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  if (isHttpAnswer(answer)) sendHttp(response, answer);
  else if (isDirective(answer)) await obey(response, answer, gone);
  else await sendStream(response, answer, gone);
}

function sendHttp(response: ServerResponse, { status, headers, body = {} }: HttpAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function sendStream(
  response: ServerResponse,
  steps: Iterable<Step> | AsyncIterable<Step>,
  gone: Promise<void>,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  if (Symbol.asyncIterator in steps) await sendAsync(response, steps[Symbol.asyncIterator](), gone);
  else await sendAll(response, steps, gone);
  response.end();
}

async function sendAsync(
  response: ServerResponse,
  source: AsyncIterator<Step>,
  gone: Promise<void>,
): Promise<void> {
  while (!response.destroyed) {
    const next = await Promise.race([source.next(), gone]);
    if (next?.done) return;
    if (next) await sendAll(response, [next.value], gone);
  }
  void source.return?.();
}

async function sendAll(response: ServerResponse, steps: Iterable<Step>, gone: Promise<void>): Promise<void> {
  for (const step of steps) {
    if (response.destroyed) return;
    if (isDirective(step)) await obey(response, step, gone);
    else if (!response.write(encodeEvent(step))) await Promise.race([drained(response), gone]);
  }
}

async function obey(response: ServerResponse, step: Directive, gone: Promise<void>): Promise<void> {
  switch (step.directive) {
    case 'wait':
      await Promise.race([step.until, gone]);
      return;
    case 'raw':
      await flush(response, step.bytes);
      return;
    case 'drop':
      if (response.headersSent) await flush(response, '');
      response.destroy();
      return;
    case 'hang':
      await gone;
  }
}

/** Writes and waits until the bytes have left this process, so that they arrive apart from what follows. */
async function flush(response: ServerResponse, bytes: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => response.write(bytes, () => resolve()));
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('drain', resolve));
}

function encodeEvent(event: SseEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
