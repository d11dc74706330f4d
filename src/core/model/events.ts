import { scan } from 'secure-json-parse';
import { z } from 'zod';
import { readItem } from './items.ts';
import { responseFailed } from './response-failed.ts';
import type { ModelEvent } from './types.ts';
import { readUsage } from './usage.ts';

interface WireEvent {
  readonly type: string;
  readonly delta?: unknown;
  readonly item?: unknown;
  readonly response?: unknown;
}

/** Why an event of the stream has no counterpart: not of interest, or not understood. */
export type Skipped = 'ignored' | 'malformed';

/** Reads the data of one event (protocol-v1, section 10). Throws `ModelError` for `response.failed`. */
export function readEvent(data: string): ModelEvent | Skipped {
  const event = decode(data);
  if (!event) return 'malformed';
  switch (event.type) {
    case 'response.output_text.delta':
      return readDelta('text_delta', event);
    case 'response.reasoning_summary_text.delta':
      return readDelta('reasoning_summary_delta', event);
    case 'response.reasoning_text.delta':
      return readDelta('reasoning_content_delta', event);
    default:
      return readRareEvent(event);
  }
}

/** Of these whole objects are kept, so that they are searched for what would change a prototype. */
function readRareEvent(event: WireEvent): ModelEvent | Skipped {
  scan(event, { protoAction: 'remove', constructorAction: 'remove' });
  switch (event.type) {
    case 'response.reasoning_summary_part.added':
      return { type: 'reasoning_section_break' };
    case 'response.created':
      return { type: 'created' };
    case 'response.output_item.added':
      return readAddedItem(event.item);
    case 'response.output_item.done':
      return readFinishedItem(event.item);
    case 'response.completed':
      return readCompletion(event.response);
    case 'response.failed':
      return event.response ? responseFailed(event.response) : 'malformed';
    default:
      return 'ignored';
  }
}

function decode(data: string): WireEvent | undefined {
  const value: unknown = decodeJson(data);
  return isWireEvent(value) ? value : undefined;
}

function decodeJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function isWireEvent(value: unknown): value is WireEvent {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function readDelta(
  type: 'text_delta' | 'reasoning_summary_delta' | 'reasoning_content_delta',
  { delta }: WireEvent,
): ModelEvent | Skipped {
  return typeof delta === 'string' ? { type, delta } : 'malformed';
}

const AddedWebSearch = z.object({ type: z.literal('web_search_call'), id: z.string().default('') });

/** Of the items that begin only web searches are of interest; the others are shown when they are done. */
function readAddedItem(item: unknown): ModelEvent | Skipped {
  const search = AddedWebSearch.safeParse(item);
  return search.success ? { type: 'web_search_begin', callId: search.data.id } : 'ignored';
}

function readFinishedItem(raw: unknown): ModelEvent | Skipped {
  const read = readItem(raw);
  if (!read) return 'malformed';
  const { item, id } = read;
  if (item.type === 'web_search_call') return { type: 'item_done', item, webSearchCallId: id ?? '' };
  const needsId = item.type === 'local_shell_call' && !item.call_id && id !== undefined;
  return needsId ? { type: 'item_done', item, localShellCallId: id } : { type: 'item_done', item };
}

const Completion = z.object({ id: z.string(), usage: z.unknown().optional() });

function readCompletion(response: unknown): ModelEvent | Skipped {
  const completion = Completion.safeParse(response);
  if (!completion.success) return 'malformed';
  const usage = readUsage(completion.data.usage);
  return usage === undefined ? 'malformed' : { type: 'completed', usage };
}
