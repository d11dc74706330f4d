import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import { userText } from '../context/messages.ts';
import { ModelError } from '../model/types.ts';
import { promptText } from '../prompts/texts.ts';
import { compactedHistory } from './compacted-history.ts';
import { taskStarted } from './context-window.ts';
import { modelSettings } from './model-settings.ts';
import { modelSource } from './progress-sources.ts';
import { repeatStep, storeTurnContext } from './retry-step.ts';
import type { TurnWorld } from './turn.ts';

/** Whether the latest response has used up what the settings allow before the history is compacted. */
export function isCompactionDue({ config, tokens }: Pick<TurnWorld, 'config' | 'tokens'>): boolean {
  const limit = config.modelAutoCompactTokenLimit;
  return limit !== undefined && tokens.lastTotal >= limit;
}

/**
 * Replaces the history by a summary that the model writes of it. Reported as a task of its own inside of the turn
 * (protocol-v1, section 14). When the model cannot be had, the history stays as it is and the task has no end.
 */
export async function compact(world: TurnWorld): Promise<void> {
  const task = world.compactionTask();
  task.emit(taskStarted(world));
  try {
    const summary = await repeatStep(world, task.emit, () => askForSummary(world));
    await world.replaceHistory(compactedHistory(world.opening, world.history, summary), summary);
    await task.report({ type: 'agent_message', message: 'Compact task completed' });
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    task.emit({ type: 'error', message: error.message });
    return;
  }
  task.emit({ type: 'task_complete', last_agent_message: null });
}

/** Ends a turn that would otherwise compact for ever: what comes after a compaction is too long by itself. */
export function stillTooLong({ config, tokens }: Pick<TurnWorld, 'config' | 'tokens'>): ModelError {
  const { modelAutoCompactTokenLimit: limit } = config;
  return new ModelError(
    `Conversation is still above the token limit after automatic summarization (limit ${limit}, current ${tokens.lastTotal}). Please start a new session or trim your input.`,
    { retryable: false },
  );
}

async function askForSummary(world: TurnWorld): Promise<string> {
  await storeTurnContext(world);
  const prompt = {
    instructions: promptText('compact'),
    input: [...world.history, userText(promptText('compact-request'))],
    tools: [],
  };
  const items: ResponseItem[] = [];
  await world.activity.during(modelSource(world.config), async () => {
    for await (const events of world.model.stream(prompt, modelSettings(world), world.signal)) {
      world.activity.move();
      for (const event of events) if (event.type === 'item_done') items.push(event.item);
    }
  });
  return items.flatMap(assistantTexts).at(-1) ?? '';
}

function assistantTexts(item: ResponseItem): string[] {
  if (item.type !== 'message' || item.role !== 'assistant') return [];
  return [item.content.map((part) => (part.type === 'output_text' ? part.text : '')).join('')];
}
