import type * as Api from '@opentelemetry/api';
import type { Dispatcher } from '../../rpc/dispatcher.ts';
import type { RequestTracer } from '../../server/trace-requests.ts';
import { traceModel } from './model-spans.ts';
import type { Tracing } from './tracing.ts';
import { createTurnSpans } from './turn-spans.ts';

type Calls = Pick<Dispatcher, 'call' | 'run'>;

/** Names of spans and attributes are those of OpenTelemetry's conventions for HTTP, RPC and generative models. */
export function createSpans(api: typeof Api, tracer: Api.Tracer): Omit<Tracing, 'modelHeaders' | 'close'> {
  const turns = createTurnSpans(api, tracer);
  return {
    requests: requestTracer(api, tracer),
    calls: (dispatcher) => traceCalls(dispatcher, api, tracer),
    model: (client) => traceModel(client, turns, api, tracer),
    turns: (conversations) =>
      conversations.events.on((change) => {
        if (change.type === 'event') turns.tell(change.conversationId, change.event.msg);
        if (change.type === 'unloaded') turns.forget(change.conversationId);
      }),
  };
}

function requestTracer(api: typeof Api, tracer: Api.Tracer): RequestTracer {
  const { context, propagation, trace, SpanKind, SpanStatusCode } = api;
  return ({ method, route, headers }) => {
    const parent = propagation.extract(context.active(), headers);
    const attributes = { 'http.request.method': method, ...(route !== undefined && { 'http.route': route }) };
    const name = route === undefined ? method : `${method} ${route}`;
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    return {
      run: (handle) => context.with(trace.setSpan(parent, span), handle),
      end(status) {
        span.setAttribute('http.response.status_code', status);
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  };
}

/** REST has the span of its request; over JSON-RPC one connection or body carries many calls. */
function traceCalls(dispatcher: Calls, api: typeof Api, tracer: Api.Tracer): Calls {
  const { context, propagation, trace, SpanKind, SpanStatusCode } = api;
  return {
    run: (def, params, callContext) => dispatcher.run(def, params, callContext),
    call(name, raw, callContext) {
      const parent = propagation.extract(context.active(), metaOf(raw));
      const attributes = { 'rpc.system.name': 'jsonrpc', 'rpc.method': name.slice(0, 100) };
      const span = tracer.startSpan(
        `rpc ${attributes['rpc.method']}`,
        { kind: SpanKind.SERVER, attributes },
        parent,
      );
      const answer = context.with(trace.setSpan(parent, span), () => dispatcher.call(name, raw, callContext));
      const failed = (): void => {
        span.setStatus({ code: SpanStatusCode.ERROR });
      };
      answer.catch(failed).finally(() => span.end());
      return answer;
    },
  };
}

/** A client without headers of its own says `traceparent` in `_meta`. */
function metaOf(params: unknown): object {
  const meta = typeof params === 'object' && params !== null && '_meta' in params ? params._meta : undefined;
  return typeof meta === 'object' && meta !== null ? meta : {};
}
