import { setTimeout as sleep } from 'node:timers/promises';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import { backoffMs, retryNotice } from '../model/retry.ts';
import { ModelError, type ModelEvent, type ModelSettings, type Prompt } from '../model/types.ts';
import { runCall } from '../tools/runner.ts';
import { isCall, type ToolContext } from '../tools/tool.ts';
import { reportItem } from './item-events.ts';
import type { TurnWorld } from './turn.ts';

export interface StepResult {
  readonly calls: number;
  readonly lastMessage: string | null;
}

/** A finished item of a response and, for a call, the output that answers it. */
interface Exchange {
  readonly item: ResponseItem;
  readonly output?: ResponseItem;
}

/** One answer of the model, repeated while the provider's stream retries last. */
export async function runStep(world: TurnWorld): Promise<StepResult> {
  const maxRetries = world.config.modelProvider.streamMaxRetries;
  for (let attempt = 1; ; attempt++) {
    const exchanges: Exchange[] = [];
    try {
      return await attemptStep(world, exchanges);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      await rememberCalls(world, exchanges);
      if (!error.retryable || attempt > maxRetries) throw error;
      const delay = error.retryAfterMs ?? backoffMs(attempt);
      world.emit({ type: 'stream_error', message: retryNotice(error.message, attempt, maxRetries, delay) });
      await sleep(delay, undefined, { signal: world.signal });
    }
  }
}

async function attemptStep(world: TurnWorld, exchanges: Exchange[]): Promise<StepResult> {
  await world.store([{ type: 'turn_context', payload: turnContext(world) }]);
  const prompt: Prompt = {
    instructions: world.instructions,
    input: world.history,
    tools: world.tools,
  };
  for await (const event of world.model.stream(prompt, modelSettings(world), world.signal)) {
    const pending = handleEvent(event, world, exchanges);
    if (pending) await pending;
  }
  await world.remember(exchanges.flatMap(({ item, output }) => (output ? [item, output] : [item])));
  return {
    calls: exchanges.filter(({ output }) => output).length,
    lastMessage: lastAssistantMessage(exchanges.map(({ item }) => item)),
  };
}

/** Deltas are passed on without waiting; only what is stored or run is awaited. */
function handleEvent(event: ModelEvent, world: TurnWorld, exchanges: Exchange[]): Promise<void> | undefined {
  switch (event.type) {
    case 'text_delta':
      world.emit({ type: 'agent_message_delta', delta: event.delta });
      return;
    case 'reasoning_summary_delta':
      world.emit({ type: 'agent_reasoning_delta', delta: event.delta });
      return;
    case 'reasoning_section_break':
      world.emit({ type: 'agent_reasoning_section_break' });
      return;
    case 'reasoning_content_delta':
      if (!world.config.showRawAgentReasoning) return;
      world.emit({ type: 'agent_reasoning_raw_content_delta', delta: event.delta });
      return;
    case 'web_search_begin':
      world.emit({ type: 'web_search_begin', call_id: event.callId });
      return;
    case 'item_done':
      return finishItem(event, world, exchanges);
    case 'completed':
      if (event.usage) world.tokens.add(event.usage);
      return world.report({ type: 'token_count', info: world.tokens.info(contextWindow(world)) });
    case 'created':
      return;
  }
}

async function finishItem(
  event: Extract<ModelEvent, { type: 'item_done' }>,
  world: TurnWorld,
  exchanges: Exchange[],
): Promise<void> {
  const { item } = event;
  await reportItem(item, event.webSearchCallId, world);
  if (!isCall(item)) {
    exchanges.push({ item });
    return;
  }
  const callId = item.call_id ?? event.localShellCallId ?? '';
  const output = await runCall(item, toolContext(callId, world));
  exchanges.push({ item, output });
}

/** Commands that ran in an attempt that broke are not run again: their calls and outputs stay in the history. */
async function rememberCalls(world: TurnWorld, exchanges: readonly Exchange[]): Promise<void> {
  const kept = exchanges.flatMap(({ item, output }) => (output ? [item, output] : []));
  if (kept.length > 0) await world.remember(kept);
}

function toolContext(callId: string, world: TurnWorld): ToolContext {
  return {
    callId,
    cwd: world.settings.cwd,
    approvalPolicy: world.settings.approvalPolicy,
    sandboxPolicy: world.settings.sandboxPolicy,
    shellEnvironmentPolicy: world.config.shellEnvironmentPolicy,
    host: world.host,
    signal: world.signal,
    emit: world.emit,
    inject: world.inject,
  };
}

function turnContext(world: TurnWorld) {
  const { cwd, approvalPolicy, sandboxPolicy, model, effort, summary } = world.settings;
  return {
    cwd,
    approval_policy: approvalPolicy,
    sandbox_policy: sandboxPolicy,
    model,
    ...(effort && { effort }),
    summary,
  };
}

function modelSettings(world: TurnWorld): ModelSettings {
  const { model, effort, summary } = world.settings;
  return {
    provider: world.config.modelProvider,
    model,
    effort,
    summary,
    verbosity: world.config.modelVerbosity,
    supportsReasoningSummaries:
      world.config.modelSupportsReasoningSummaries || world.family.reasoningSummaries,
    conversationId: world.conversationId,
  };
}

export const contextWindow = (world: Pick<TurnWorld, 'config' | 'family'>): number | undefined =>
  world.config.modelContextWindow ?? world.family.contextWindow;

function lastAssistantMessage(items: readonly ResponseItem[]): string | null {
  const message = items.findLast((item) => item.type === 'message' && item.role === 'assistant');
  if (message?.type !== 'message') return null;
  const text = message.content.findLast((part) => part.type === 'output_text');
  return text?.text ?? null;
}
