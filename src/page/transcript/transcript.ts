import type { FileChanges, PlanItem, TokenUsageInfo } from '../../protocol/vocabulary/event-parts.ts';
import type { EventOf } from '../../protocol/vocabulary/events.ts';
import type { ByteTail } from './output.ts';

/** What people see of a conversation, made of its events. */
export interface Transcript {
  readonly items: readonly Item[];
  /** Id of the running turn. */
  readonly turnId: string | undefined;
  readonly usage: TokenUsageInfo | undefined;
  /** What the running turn has changed so far, as one diff. */
  readonly diff: string | undefined;
  readonly lastKey: number;
}

export type Item = { readonly key: string } & Content;

export type Content =
  | UserMessage
  | AgentMessage
  | Reasoning
  | Command
  | Patch
  | Plan
  | ToolCall
  | WebSearch
  | TurnDiff
  | Notice;

export interface UserMessage {
  readonly kind: 'user';
  readonly text: string;
  readonly images: readonly string[];
}

export interface AgentMessage {
  readonly kind: 'agent';
  readonly text: string;
  /** More of it is coming. */
  readonly isOpen: boolean;
}

export interface Reasoning {
  readonly kind: 'reasoning';
  /** The thoughts as they were thought, and not a summary of them. */
  readonly isRaw: boolean;
  readonly sections: readonly string[];
  /** How many of the sections have come as a whole. */
  readonly whole: number;
  readonly isOpen: boolean;
}

export interface Command {
  readonly kind: 'command';
  readonly callId: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly state: 'asked' | 'running' | 'ended';
  readonly output: string;
  /** Bytes of a character of which the rest is to come. */
  readonly pending: ByteTail;
  readonly exitCode: number | undefined;
  /** In milliseconds. */
  readonly duration: number | undefined;
}

export interface Patch {
  readonly kind: 'patch';
  readonly callId: string;
  readonly changes: FileChanges;
  readonly state: 'asked' | 'running' | 'applied' | 'failed';
  readonly problem: string;
}

export interface Plan {
  readonly kind: 'plan';
  readonly explanation: string | null;
  readonly steps: readonly PlanItem[];
}

export interface ToolCall {
  readonly kind: 'tool';
  readonly callId: string;
  readonly invocation: EventOf<'mcp_tool_call_begin'>['invocation'];
  readonly result: EventOf<'mcp_tool_call_end'>['result'] | undefined;
}

export interface WebSearch {
  readonly kind: 'search';
  readonly callId: string;
  readonly query: string;
}

export interface TurnDiff {
  readonly kind: 'diff';
  readonly text: string;
}

export interface Notice {
  readonly kind: 'notice';
  readonly tone: 'quiet' | 'warning' | 'error';
  readonly text: string;
}

export const EMPTY: Transcript = {
  items: [],
  turnId: undefined,
  usage: undefined,
  diff: undefined,
  lastKey: 0,
};

export function append(transcript: Transcript, content: Content): Transcript {
  const lastKey = transcript.lastKey + 1;
  return { ...transcript, lastKey, items: [...transcript.items, { key: String(lastKey), ...content }] };
}

type OfKind<K extends Content['kind']> = Extract<Item, { kind: K }>;

/** The last item of the kind for which the test holds. */
export function findLast<K extends Content['kind']>(
  { items }: Transcript,
  kind: K,
  test: (item: OfKind<K>) => boolean = () => true,
): OfKind<K> | undefined {
  return items.findLast((item): item is OfKind<K> => item.kind === kind && test(item as OfKind<K>));
}

export function replace(transcript: Transcript, item: Item): Transcript {
  const place = transcript.items.findLastIndex(({ key }) => key === item.key);
  return { ...transcript, items: transcript.items.with(place, item) };
}
