import type { Readable, Writable } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { messageLines } from './message-lines.ts';
import { createUnanswered, type Unanswered } from './unanswered.ts';

export interface BridgeEnds {
  readonly input: Readable;
  readonly output: Writable;
  readonly socket: WebSocket;
  /** Applied to every message of the client; what it returns unchanged is passed on as it was written. */
  adapt(message: unknown): unknown;
  /** Settles when there is nobody left to serve. */
  readonly orphaned: Promise<void>;
}

/** Bytes on their way to the daemon beyond which no more input is read. */
const MAX_WAITING = 1024 * 1024;
/** What still waits for an answer when the input ends gets so long; REL-SIG-8 allows 1 s for all of the end. */
const LAST_ANSWERS_MS = 500;
const LAST_OUTPUT_MS = 250;

/**
 * Passes messages both ways, a line each on the client's side, until one side ends. Requests that have no answer by
 * then are answered with an error.
 *
 * @returns what went wrong, `undefined` when the client ended it
 */
export async function bridge(ends: BridgeEnds): Promise<string | undefined> {
  const { input, output, socket, orphaned } = ends;
  const unanswered = createUnanswered();
  const stopAnswers = carryOut(socket, output, unanswered);
  const end = await Promise.race([
    carryIn(ends, unanswered).then(() => within(unanswered.settled(), LAST_ANSWERS_MS), describe),
    orphaned,
    closed(socket),
    broken(output),
  ]);
  stopAnswers();
  socket.terminate();
  input.destroy();
  for (const line of unanswered.refuse(end ?? 'the bridge to codexd has ended')) output.write(`${line}\n`);
  await within(flushed(output), LAST_OUTPUT_MS);
  return end ?? undefined;
}

async function carryIn({ input, socket, adapt }: BridgeEnds, unanswered: Unanswered): Promise<void> {
  for await (const line of messageLines(input)) {
    const message = parse(line);
    unanswered.sent(message);
    const adapted = adapt(message);
    const sent = send(socket, adapted === message ? line : JSON.stringify(adapted));
    if (socket.bufferedAmount > MAX_WAITING) await sent;
  }
}

/** Settles when the text has left, or the socket is closed, which is noticed elsewhere. */
function send(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve) => socket.send(text, () => resolve()));
}

/** `undefined` for what is no JSON; the daemon says so to the client. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The daemon's messages are left in the connection while the client does not take them. */
function carryOut(socket: WebSocket, output: Writable, unanswered: Unanswered): () => void {
  const pass = (data: RawData): void => {
    const text = data.toString();
    unanswered.received(parse(text));
    if (output.write(`${text}\n`)) return;
    socket.pause();
    output.once('drain', () => socket.resume());
  };
  socket.on('message', pass);
  return () => socket.off('message', pass);
}

function closed(socket: WebSocket): Promise<string> {
  return new Promise((resolve) => {
    // What the error was about, the closing tells as well.
    socket.on('error', () => {});
    socket.once('close', (code: number, reason: Buffer) => {
      const why = [reason.toString(), code].filter(Boolean).join(', ');
      resolve(
        `codexd has closed the connection (${why}); whether unanswered requests were carried out is not known`,
      );
    });
  });
}

function broken(output: Writable): Promise<void> {
  return new Promise((resolve) => output.once('error', () => resolve()));
}

function flushed(output: Writable): Promise<void> {
  return new Promise((resolve) => output.write('', () => resolve()));
}

function within(promise: Promise<void>, ms: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
