import { z } from 'zod';
import { ResponseItem } from '../../protocol/vocabulary/items.ts';

const Identified = z.object({ id: z.string().optional() });

/** An output item of the model, in the form in which it is kept. */
export interface ReadItem {
  readonly item: ResponseItem;
  /** The id that the model gave it, which is not kept with it. */
  readonly id: string | undefined;
}

/** Reads a finished output item; `undefined` for an unknown type or a shape that does not fit. */
export function readItem(raw: unknown): ReadItem | undefined {
  const parsed = ResponseItem.safeParse(raw);
  if (!parsed.success) return undefined;
  return { item: completeItem(parsed.data), id: Identified.safeParse(raw).data?.id };
}

/**
 * An item with exactly the members of its form on the wire: those without a value are `null` for some types and left
 * out for others (protocol-v1, section 9).
 */
export function completeItem(item: ResponseItem): ResponseItem {
  switch (item.type) {
    case 'reasoning':
      return {
        type: 'reasoning',
        summary: item.summary,
        ...reasoningContent(item.content),
        encrypted_content: item.encrypted_content ?? null,
      };
    case 'local_shell_call':
      return { ...item, call_id: item.call_id ?? null, action: completeAction(item.action) };
    default:
      return item;
  }
}

type Reasoning = Extract<ResponseItem, { type: 'reasoning' }>;
type LocalShellAction = Extract<ResponseItem, { type: 'local_shell_call' }>['action'];

/** A list is sent only when raw reasoning is in it, the absence of a list as `null`. */
function reasoningContent(content: Reasoning['content']): Pick<Reasoning, 'content'> {
  if (!content) return { content: null };
  return content.some((part) => part.type === 'reasoning_text') ? { content } : {};
}

function completeAction(action: LocalShellAction): LocalShellAction {
  return {
    type: 'exec',
    command: action.command,
    timeout_ms: action.timeout_ms ?? null,
    working_directory: action.working_directory ?? null,
    env: action.env ?? null,
    user: action.user ?? null,
  };
}
