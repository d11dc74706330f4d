import type { TextDeltas } from '../../protocol/vocabulary/events.ts';
import type { ModelEvent } from '../model/types.ts';

type Piece = Extract<ModelEvent, { delta: string }>;
/** What is no piece of a text. */
export type Step = Exclude<ModelEvent, Piece>;

const EVENTS = {
  text_delta: 'agent_message_delta',
  reasoning_summary_delta: 'agent_reasoning_delta',
  reasoning_content_delta: 'agent_reasoning_raw_content_delta',
} as const;

const isPiece = (event: ModelEvent | undefined): event is Piece => event !== undefined && 'delta' in event;

/** Pieces of one text that follow one another, as they are told, or what else the model does. */
export type Part = { readonly deltas: TextDeltas } | { readonly step: Step };

/** A model brings hundreds of pieces at once, and together they go their way in a fraction of the time. */
export function partsOf(events: readonly ModelEvent[]): Part[] {
  const parts: Part[] = [];
  for (let index = 0; index < events.length; ) {
    const event = events[index];
    if (event === undefined) break;
    if (!isPiece(event)) {
      parts.push({ step: event });
      index += 1;
      continue;
    }
    const texts: string[] = [];
    for (let piece = events[index]; isPiece(piece) && piece.type === event.type; piece = events[index]) {
      texts.push(piece.delta);
      index += 1;
    }
    parts.push({ deltas: { type: EVENTS[event.type], texts } });
  }
  return parts;
}
