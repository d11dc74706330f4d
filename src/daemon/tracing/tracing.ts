import { setTimeout as pause } from 'node:timers/promises';
import type * as Api from '@opentelemetry/api';
import type { Logger } from 'pino';
import type { ConversationManager } from '../../core/conversations/manager.ts';
import type { ModelClient } from '../../core/model/types.ts';
import type { Dispatcher } from '../../rpc/dispatcher.ts';
import type { RequestTracer } from '../../server/trace-requests.ts';
import { systemErrorCode } from '../operator-error.ts';

/** Spans of what the daemon does. Nothing that anybody wrote is in them: names, sizes and outcomes only. */
export interface Tracing {
  readonly requests: RequestTracer;
  /** The same dispatcher, with a span per call that comes by JSON-RPC. */
  calls(dispatcher: Pick<Dispatcher, 'call' | 'run'>): Pick<Dispatcher, 'call' | 'run'>;
  /** The same client, with a span per request. */
  model(client: ModelClient): ModelClient;
  /** Spans of turns and tools. Returns what stops them. */
  turns(conversations: Pick<ConversationManager, 'events'>): () => void;
  /** Headers that let the model provider continue the trace; absent unless it was asked for. */
  readonly modelHeaders: (() => Record<string, string>) | undefined;
  /** Sends what has not been sent, but not for long. */
  close(): Promise<void>;
}

const OFF = new Set(['', 'none']);
const CLOSING_MS = 1_000;
/** What `import`, and `require`, which the bundle makes of it, say of a package that is not there. */
const NOT_INSTALLED = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];

/** Whether the environment asks for traces, in the variables of OpenTelemetry. */
export function isTracingWanted(env: NodeJS.ProcessEnv): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false;
  const exporter = env.OTEL_TRACES_EXPORTER;
  if (exporter !== undefined) return !OFF.has(exporter.trim());
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}

/**
 * Loads OpenTelemetry when the environment asks for it; everything else of it is configured by its own variables. Without
 * the SDK, which whoever wants traces installs, the log says so and there are none: the variables may be meant for others.
 */
export async function openTracing(
  env: NodeJS.ProcessEnv,
  version: string,
  log: Pick<Logger, 'error'>,
): Promise<Tracing | undefined> {
  if (!isTracingWanted(env)) return undefined;
  try {
    const [api, { NodeSDK }, { createSpans }] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-node'),
      import('./spans.ts'),
    ]);
    const sdk = new NodeSDK({
      ...(env.OTEL_SERVICE_NAME ? {} : { serviceName: 'codexd' }),
      metricReaders: [],
      logRecordProcessors: [],
    });
    sdk.start();
    return {
      ...createSpans(api, api.trace.getTracer('codexd', version)),
      modelHeaders: env.CODEXD_TRACEPARENT_TO_MODEL === '1' ? () => traceparent(api) : undefined,
      async close() {
        const sent = sdk.shutdown().catch((err: unknown) => log.error({ err }, 'traces could not be sent'));
        await Promise.race([sent, pause(CLOSING_MS, undefined, { ref: false })]);
      },
    };
  } catch (err) {
    if (!NOT_INSTALLED.includes(String(systemErrorCode(err)))) throw err;
    log.error(
      'the environment asks for OpenTelemetry traces (OTEL_…), but @opentelemetry/sdk-node is not installed beside codexd: ' +
        'there are none. Install it, or set OTEL_TRACES_EXPORTER=none',
    );
    return undefined;
  }
}

/** Of all that a client may have sent along, the provider gets the trace only. */
function traceparent({ context, propagation }: typeof Api): Record<string, string> {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent === undefined ? {} : { traceparent: carrier.traceparent };
}
