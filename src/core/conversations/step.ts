import type { TextDeltas } from '../../protocol/vocabulary/events.ts';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import { ModelError, type ModelEvent } from '../model/types.ts';
import type { Sandbox } from '../sandbox/types.ts';
import { runCall } from '../tools/runner.ts';
import { isCall, type ToolContext } from '../tools/tool.ts';
import { contextWindow } from './context-window.ts';
import { reportItem } from './item-events.ts';
import { modelSettings } from './model-settings.ts';
import { modelSource, toolSource } from './progress-sources.ts';
import { repeatStep, storeTurnContext } from './retry-step.ts';
import { partsOf, type Step } from './text-pieces.ts';
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

/** One answer of the model, with what it calls for done. `repeated` is sent once more after the history. */
export function runStep(world: TurnWorld, repeated: readonly ResponseItem[]): Promise<StepResult> {
  return repeatStep(world, world.emit, async () => {
    const exchanges: Exchange[] = [];
    try {
      return await attemptStep(world, repeated, exchanges);
    } catch (error) {
      if (error instanceof ModelError) await rememberCalls(world, exchanges);
      throw error;
    }
  });
}

async function attemptStep(
  world: TurnWorld,
  repeated: readonly ResponseItem[],
  exchanges: Exchange[],
): Promise<StepResult> {
  const prompt = {
    instructions: world.instructions,
    input: repeated.length > 0 ? [...world.history, ...repeated] : world.history,
    tools: world.tools,
  };
  const batches = sent(world.model.stream(prompt, modelSettings(world), world.signal));
  try {
    await world.begun;
    await storeTurnContext(world);
  } catch (error) {
    batches.close();
    throw error;
  }
  await world.activity.during(modelSource(world.config), () => handleAll(batches, world, exchanges));
  await world.remember(exchanges.flatMap(({ item, output }) => (output ? [item, output] : [item])));
  return {
    calls: exchanges.filter(({ output }) => output).length,
    lastMessage: lastAssistantMessage(exchanges.map(({ item }) => item)),
  };
}

/** Sends the request at once: a generator would wait until it is asked for the first item. */
function sent<T>(stream: AsyncIterable<T>): AsyncIterable<T> & { close(): void } {
  const items = stream[Symbol.asyncIterator]();
  let first: Promise<IteratorResult<T>> | undefined = items.next();
  // Whoever asks for the first one is told.
  first.catch(() => undefined);
  const next = (): Promise<IteratorResult<T>> => {
    const result = first ?? items.next();
    first = undefined;
    return result;
  };
  const end = async (): Promise<IteratorResult<T>> =>
    (await items.return?.()) ?? { done: true, value: undefined };
  return {
    [Symbol.asyncIterator]: () => ({ next, return: end }),
    close: () => void end().catch(() => undefined),
  };
}

async function handleAll(
  batches: AsyncIterable<readonly ModelEvent[]>,
  world: TurnWorld,
  exchanges: Exchange[],
): Promise<void> {
  for await (const events of batches) {
    for (const part of partsOf(events)) {
      const pending =
        'deltas' in part ? tellDeltas(part.deltas, world) : handleStep(part.step, world, exchanges);
      if (!pending) continue;
      await pending;
      world.signal.throwIfAborted();
    }
  }
}

/** Passed on without waiting; only what is stored or run is awaited. */
function tellDeltas(deltas: TextDeltas, world: TurnWorld): void {
  const isRaw = deltas.type === 'agent_reasoning_raw_content_delta';
  if (!isRaw || world.config.showRawAgentReasoning) world.emitDeltas(deltas);
}

function handleStep(event: Step, world: TurnWorld, exchanges: Exchange[]): Promise<void> | undefined {
  switch (event.type) {
    case 'reasoning_section_break':
      world.emit({ type: 'agent_reasoning_section_break' });
      return;
    case 'web_search_begin':
      world.emit({ type: 'web_search_begin', call_id: event.callId });
      return;
    case 'item_done':
      return finishItem(event, world, exchanges);
    case 'completed':
      return finishResponse(event, world);
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
    // Neither the history nor the rollout of the reference has searches.
    if (item.type !== 'web_search_call') exchanges.push({ item });
    return;
  }
  const callId = item.call_id ?? event.localShellCallId ?? '';
  const name = 'name' in item ? item.name : 'local_shell';
  const source = toolSource(name, world.mcp.has(name), world.hasPrograms);
  const context = toolContext(callId, world, await world.sandbox());
  const output = await world.activity.during(source, () => runCall(item, context));
  exchanges.push({ item, output });
}

async function finishResponse(
  { usage }: Extract<ModelEvent, { type: 'completed' }>,
  world: TurnWorld,
): Promise<void> {
  if (usage) world.tokens.add(usage, contextWindow(world));
  await world.report({ type: 'token_count', info: world.tokens.info() });
  const diff = await world.turnDiff.diff();
  if (diff !== undefined) world.emit({ type: 'turn_diff', unified_diff: diff });
}

/** Commands that ran in an attempt that broke are not run again: their calls and outputs stay in the history. */
async function rememberCalls(world: TurnWorld, exchanges: readonly Exchange[]): Promise<void> {
  await world.remember(exchanges.flatMap(({ item, output }) => (output ? [item, output] : [])));
}

function toolContext(callId: string, world: TurnWorld, sandbox: Sandbox): ToolContext {
  return {
    callId,
    cwd: world.settings.cwd,
    approvalPolicy: world.settings.approvalPolicy,
    sandboxPolicy: world.settings.sandboxPolicy,
    shellEnvironmentPolicy: world.config.shellEnvironmentPolicy,
    host: world.host,
    sandbox,
    approvedCommands: world.approvedCommands,
    turnDiff: world.turnDiff,
    mcp: world.mcp,
    sessions: world.sessions,
    signal: world.signal,
    emit: world.emit,
    ask: world.ask,
    inject: world.inject,
  };
}

function lastAssistantMessage(items: readonly ResponseItem[]): string | null {
  const message = items.findLast((item) => item.type === 'message' && item.role === 'assistant');
  if (message?.type !== 'message') return null;
  const text = message.content.findLast((part) => part.type === 'output_text');
  return text?.text ?? null;
}
