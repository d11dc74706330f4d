import type { ReadableWritablePair } from 'node:stream/web';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { onTestFinished } from 'vitest';
import { createPlace, type DaemonProcess, type SocketClient } from '../daemon-process.ts';
import { restCaller, socketCaller } from './callers.ts';
import { createScript } from './script.ts';
import { createTurnLog, type TurnLog } from './turn-log.ts';
import type { World } from './world.ts';

/** The built daemon: two clients with connections, and one without. */
export interface DaemonWorld extends World {
  readonly daemon: DaemonProcess;
  /** The connection of the first client. */
  readonly socket: SocketClient;
}

/** @param config goes into `config.toml` */
export async function openDaemonWorld(config = ''): Promise<DaemonWorld> {
  const script = createScript();
  const turns = createTurnLog();
  const { home, cwd, start } = await createPlace(script.respond, config);
  const daemon = await start();
  const [first, second] = await Promise.all([daemon.connect(), daemon.connect()]);
  await follow(daemon, turns);
  const callers = [socketCaller(first), socketCaller(second), restCaller(daemon)] as const;
  return { home, cwd, script, turns, daemon, socket: first, callers };
}

/** Notes what happens in all conversations, without being a listener of any. */
async function follow(daemon: DaemonProcess, turns: TurnLog): Promise<void> {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const { body } = await daemon.fetch('/v1/events', { signal: abort.signal });
  if (!body) throw new Error('no stream of events');
  const text = new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>;
  const events = body.pipeThrough(text).pipeThrough(new EventSourceParserStream());
  const read = async (): Promise<void> => {
    for await (const { event = '', data } of events) turns.note(event, JSON.parse(data).conversationId);
  };
  // The stream breaks off with the daemon, at the end of the test.
  read().catch(() => {});
}
