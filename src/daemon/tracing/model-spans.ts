import type * as Api from '@opentelemetry/api';
import type { ModelClient, ModelEvent, ModelSettings } from '../../core/model/types.ts';
import type { TurnSpans } from './turn-spans.ts';

export function traceModel(
  client: ModelClient,
  turns: Pick<TurnSpans, 'contextOf' | 'requestEnded'>,
  api: typeof Api,
  tracer: Api.Tracer,
): ModelClient {
  const { context, trace, SpanKind } = api;
  return {
    async *stream(prompt, settings, signal) {
      const parent = turns.contextOf(settings.conversationId);
      const options = { kind: SpanKind.CLIENT, attributes: attributesOf(settings) };
      const span = tracer.startSpan(`chat ${settings.model}`, options, parent);
      const within = trace.setSpan(parent, span);
      const events = client.stream(prompt, settings, signal)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await context.with(within, () => events.next());
          if (next.done) break;
          noteUsage(next.value.at(-1), span);
          yield next.value;
        }
      } catch (error) {
        noteFailure(error, signal, span, api);
        throw error;
      } finally {
        await events.return?.();
        span.end();
        turns.requestEnded(settings.conversationId);
      }
    },
  };
}

const attributesOf = ({ model, provider, conversationId }: ModelSettings): Api.Attributes => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': provider.id,
  'gen_ai.request.model': model,
  'gen_ai.conversation.id': conversationId,
});

function noteUsage(last: ModelEvent | undefined, span: Api.Span): void {
  if (last?.type !== 'completed' || !last.usage) return;
  span.setAttributes({
    'gen_ai.usage.input_tokens': last.usage.input_tokens,
    'gen_ai.usage.output_tokens': last.usage.output_tokens,
  });
}

/** Without the message, which may repeat what the provider was sent. */
function noteFailure(
  error: unknown,
  signal: AbortSignal,
  span: Api.Span,
  { SpanStatusCode }: typeof Api,
): void {
  const type = error instanceof Error ? error.name : 'unknown';
  span.setAttribute('error.type', signal.aborted ? 'aborted' : type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
