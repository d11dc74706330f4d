import { z } from 'zod';
import { Duration, ReviewOutput } from '../../protocol/vocabulary/event-parts.ts';
import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import { withKind } from './user-message.ts';

const Part = z.object({ type: z.string(), text: z.string().optional(), image_url: z.string().optional() });
type Part = z.infer<typeof Part>;

const item = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.object({ type: z.literal(type), ...shape });

const CompletedItem = z.discriminatedUnion('type', [
  item('UserMessage', { content: z.array(Part) }),
  item('AgentMessage', { content: z.array(Part) }),
  item('Reasoning', { summary_text: z.array(z.string()) }),
  item('WebSearch', { id: z.string(), query: z.string() }),
  item('FileChange', {
    id: z.string(),
    status: z.string(),
    stdout: z.string().nullish(),
    stderr: z.string().nullish(),
  }),
  item('McpToolCall', {
    id: z.string(),
    server: z.string(),
    tool: z.string(),
    arguments: z.unknown().optional(),
    result: z.unknown().optional(),
    error: z.object({ message: z.string() }).nullish(),
    duration: Duration.nullish(),
  }),
  item('ExitedReviewMode', { review_output: ReviewOutput.nullish() }),
]);
type CompletedItem = z.infer<typeof CompletedItem>;
type Item<T extends CompletedItem['type']> = Extract<CompletedItem, { type: T }>;

/**
 * The events that stand for an item in the files of 0.36, or in those that today's Codex writes in that form; none for
 * items that have no such event (facts observed on 0.169.0).
 * @param completed `item` of an `item_completed` event
 */
export function eventsOfItem(completed: unknown): EventMsg[] {
  const { data } = CompletedItem.safeParse(completed);
  return data === undefined ? [] : eventsOf(data);
}

function eventsOf(completed: CompletedItem): EventMsg[] {
  switch (completed.type) {
    case 'UserMessage':
      return [userMessage(completed)];
    case 'AgentMessage':
      return completed.content.flatMap(({ text }) =>
        text ? [{ type: 'agent_message', message: text }] : [],
      );
    case 'Reasoning':
      // These files always have the raw thoughts as well; the older form has them only for those who ask for them.
      return completed.summary_text.map((text) => ({ type: 'agent_reasoning', text }));
    case 'WebSearch':
      return [{ type: 'web_search_end', call_id: completed.id, query: completed.query }];
    case 'FileChange':
      return [patchEnd(completed)];
    case 'McpToolCall':
      return [toolCallEnd(completed)];
    case 'ExitedReviewMode':
      return [{ type: 'exited_review_mode', review_output: completed.review_output ?? null }];
  }
}

const partsOf = (content: readonly Part[], type: string, member: 'text' | 'image_url'): string[] =>
  content.flatMap((part) => (part.type === type ? (part[member] ?? []) : []));

function userMessage({ content }: Item<'UserMessage'>): EventMsg {
  const message = partsOf(content, 'text', 'text').join('');
  const images = partsOf(content, 'image', 'image_url');
  return withKind({ type: 'user_message', message, ...(images.length > 0 && { images }) });
}

const patchEnd = ({ id, status, stdout, stderr }: Item<'FileChange'>): EventMsg => ({
  type: 'patch_apply_end',
  call_id: id,
  stdout: stdout ?? '',
  stderr: stderr ?? '',
  success: status === 'completed',
});

function toolCallEnd(call: Item<'McpToolCall'>): EventMsg {
  const { id, server, tool, error } = call;
  return {
    type: 'mcp_tool_call_end',
    call_id: id,
    invocation: { server, tool, arguments: call.arguments ?? null },
    duration: call.duration ?? { secs: 0, nanos: 0 },
    result: error ? { Err: error.message } : { Ok: call.result ?? null },
  };
}
