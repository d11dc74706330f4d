import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SseEvent } from '../../src/demo/answers.ts';
import { completed, created, itemAdded, itemDone, message, textDelta } from '../../src/demo/responses.ts';

/**
 * A model that is never what one waits for: a process of its own that answers `POST /deltas/COUNT/responses` with so
 * many pieces of text, in one write of bytes that are kept.
 */
const answers = new Map<number, Buffer>();
const PIECE = 'some words ';

const server = createServer((request, response) => {
  const [, count] = /^\/deltas\/(\d+)\/responses/.exec(request.url ?? '') ?? [];
  request.resume();
  request.once('end', () => {
    if (count === undefined || request.method !== 'POST') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(answerOf(Number(count)));
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

function answerOf(count: number): Buffer {
  const bytes = answers.get(count) ?? Buffer.from(talk(count).map(written).join(''));
  answers.set(count, bytes);
  return bytes;
}

function talk(count: number): SseEvent[] {
  const deltas = Array.from({ length: count }, () => textDelta(PIECE));
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  return [
    created(),
    itemAdded({ type: 'message', id: 'msg_1', role: 'assistant', content: [] }),
    ...deltas.map((delta) => ({ ...delta, ...place })),
    itemDone(message(PIECE.repeat(count))),
    completed(),
  ];
}

function written(event: SseEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
