import type { Dispatcher } from 'undici';
import type { Log } from '../log.ts';
import { createAccountWaits } from './account-waits.ts';
import { type Connections, createConnections } from './connections.ts';
import { openStream } from './open-stream.ts';
import type { RetryCause } from './rejection.ts';
import { requestBody } from './request.ts';
import type { SendOptions } from './send.ts';
import { readStream } from './stream-reader.ts';
import type { ModelClient } from './types.ts';

export interface ModelClientOptions extends SendOptions {
  /** Connections to use; of the client's own making when absent. Whoever gives it closes it. */
  readonly dispatcher?: Dispatcher;
  readonly log?: Pick<Log, 'debug' | 'warn'>;
  /** Told of each request that is about to be repeated. Must not throw. */
  readonly onRetry?: (cause: RetryCause) => void;
}

/** A client whose connections can be closed, which breaks off the streams in progress. */
export interface ClosableModelClient extends ModelClient {
  close(): Promise<void>;
  /** Loads what the first request needs, so that it need not wait for that. */
  prepare(): void;
}

/** Talks the Responses API over Server-Sent Events to whatever provider the settings of a step name. */
export function createModelClient(options: ModelClientOptions): ClosableModelClient {
  const { log } = options;
  const connections = options.dispatcher ? lent(options.dispatcher) : createConnections(options.env);
  const waits = createAccountWaits();
  return {
    async *stream(prompt, settings, signal) {
      const { provider } = settings;
      const body = JSON.stringify(requestBody(prompt, settings));
      const response = await openStream({
        ...options,
        connections,
        waits,
        provider,
        conversationId: settings.conversationId,
        userAgent: settings.userAgent,
        body,
        signal,
        onRetry(details) {
          log?.debug(details, 'repeating a model request');
          if (details.cause) options.onRetry?.(details.cause);
        },
      });
      yield* readStream(response.body, {
        idleTimeoutMs: provider.streamIdleTimeoutMs,
        signal,
        onMalformed: (count) => log?.warn({ count }, 'skipped malformed events of a model stream'),
      });
    },
    close: connections.destroy,
    prepare: connections.prepare,
  };
}

function lent(dispatcher: Dispatcher): Connections {
  return { dispatcher: async () => dispatcher, prepare: () => undefined, destroy: async () => undefined };
}
