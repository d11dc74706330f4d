import type { Logger } from 'pino';
import type { ConversationManager } from '../core/conversations/manager.ts';
import type { StorageHealth } from '../core/files/storage-health.ts';
import type { ModelClient } from '../core/model/types.ts';
import { watchEventLoop } from '../metrics/event-loop.ts';
import { addGauge, type Metrics } from '../metrics/metrics.ts';
import { collectProcessMetrics } from '../metrics/process.ts';
import type { TokenUsage } from '../protocol/vocabulary/event-parts.ts';
import type { PendingApprovals } from '../rpc/pending-approvals.ts';
import type { Children } from './children/children.ts';
import { trackTools } from './track-operations.ts';
import type { Watchdog } from './watchdog.ts';

export interface Measured {
  readonly metrics: Metrics;
  readonly conversations: ConversationManager;
  readonly approvals: PendingApprovals;
  readonly health: StorageHealth;
  readonly children: Children;
  /** Shown signs of life of the event loop. */
  readonly watchdog: Pick<Watchdog, 'alive'> | undefined;
  readonly log: Logger;
}

/** Counts and measures what the daemon does. Returns what stops it. */
export function measure({
  metrics,
  conversations,
  approvals,
  health,
  children,
  watchdog,
  log,
}: Measured): () => void {
  const { registry, operations } = metrics;
  collectProcessMetrics(registry);
  const loaded = (): unknown[] => [...conversations.loaded.values()];
  const running = (): unknown[] => [...conversations.loaded.values()].filter(({ turn }) => turn);
  addGauge(registry, 'codexd_conversations_loaded', 'Conversations in memory.', () => loaded().length);
  addGauge(registry, 'codexd_turns_active', 'Turns that run.', () => running().length);
  addGauge(registry, 'codexd_approvals_pending', 'Open questions.', () => approvals.list().length);
  addGauge(registry, 'codexd_storage_problem', '1 while something cannot be stored.', () =>
    health.problem === undefined ? 0 : 1,
  );
  addGauge(
    registry,
    'codexd_child_processes',
    'Groups of processes that the daemon started.',
    () => children.count,
  );
  const onLook = (now: number): void => watchdog?.alive(() => operations.running, now);
  const stops = [
    measureConversations(conversations, metrics),
    watchEventLoop(metrics, {
      onStall: (stall) => log.warn(stall, 'the event loop stood still'),
      onLook,
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function measureConversations(conversations: ConversationManager, metrics: Metrics): () => void {
  const started = new Map<string, number>();
  const finish = (conversationId: string, outcome: 'complete' | 'aborted'): void => {
    const since = started.get(conversationId);
    started.delete(conversationId);
    if (since !== undefined) metrics.turnDuration.observe({ outcome }, (performance.now() - since) / 1_000);
  };
  const trackTool = trackTools(metrics.operations);
  return conversations.events.on((change) => {
    if (change.type === 'unloaded') started.delete(change.conversationId);
    if (change.type === 'deltas') metrics.events.inc(change.deltas.texts.length);
    if (change.type !== 'event') return;
    const { conversationId, event } = change;
    metrics.events.inc();
    trackTool(conversationId, event.msg);
    if (event.msg.type === 'task_started') started.set(conversationId, performance.now());
    if (event.msg.type === 'task_complete') finish(conversationId, 'complete');
    if (event.msg.type === 'turn_aborted') finish(conversationId, 'aborted');
    if (event.msg.type === 'stream_error') metrics.modelRetries.inc({ cause: 'stream' });
  });
}

function countTokens(usage: TokenUsage, { tokens }: Metrics): void {
  tokens.inc({ kind: 'input' }, usage.input_tokens);
  tokens.inc({ kind: 'cached_input' }, usage.cached_input_tokens);
  tokens.inc({ kind: 'output' }, usage.output_tokens);
  tokens.inc({ kind: 'reasoning_output' }, usage.reasoning_output_tokens);
}

/** The same client, which counts how its streams end and what they cost. */
export function countModelRequests(model: ModelClient, metrics: Metrics): ModelClient {
  return {
    async *stream(prompt, settings, signal) {
      const end = metrics.operations.begin('model request');
      let outcome = 'aborted';
      try {
        for await (const events of model.stream(prompt, settings, signal)) {
          const last = events.at(-1);
          if (last?.type === 'completed' && last.usage) countTokens(last.usage, metrics);
          yield events;
        }
        outcome = 'completed';
      } catch (error) {
        if (!signal.aborted) outcome = 'failed';
        throw error;
      } finally {
        end();
        metrics.modelRequests.inc({ outcome });
      }
    },
  };
}
