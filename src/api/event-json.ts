import type { EventMsg, EventOf } from '../protocol/vocabulary/events.ts';
import { type JsonMembers, membersOf, PieceMembers, type Surroundings } from '../rpc/json-members.ts';
import { longMembersOf } from './long-event-json.ts';

/** An event of a conversation: the params of its notification. */
export interface EventParams {
  readonly id: string;
  readonly msg: EventMsg;
  readonly conversationId: string;
}

type Serialise = (params: EventParams) => JsonMembers;

/** A piece of the model's text: its message has nothing else. */
type TextDelta = Extract<EventMsg, { delta: string }>;
/** A piece of what a command prints, in base64. */
type OutputDelta = EventOf<'exec_command_output_delta'>;

const isTextDelta = (msg: EventMsg): msg is TextDelta => 'delta' in msg;
const isOutputDelta = (msg: EventMsg): msg is OutputDelta => msg.type === 'exec_command_output_delta';

interface Template extends Surroundings {
  /** An event that was made with it. */
  readonly params: EventParams;
}

/** Serialises events. Pieces of text come by the thousand and differ in that text alone, so that only that is looked at. */
export function createEventJson(): Serialise {
  let latest: Template | undefined;
  const piece = (params: EventParams, field: 'delta' | 'chunk', json: string, size: number): JsonMembers => {
    if (!latest || !isSameText(latest.params, params)) latest = templateOf(params, field);
    return new PieceMembers(latest, json, size);
  };
  return (params) => {
    const { msg } = params;
    if (isTextDelta(msg)) {
      const json = JSON.stringify(msg.delta);
      return piece(params, 'delta', json, Buffer.byteLength(json));
    }
    // Nothing of base64 is escaped: the quotes are put around it without a copy.
    if (isOutputDelta(msg)) return piece(params, 'chunk', `"${msg.chunk}"`, msg.chunk.length + 2);
    return longMembersOf(params) ?? membersOf(params);
  };
}

/** Whether two pieces belong to the same text. */
function isSameText(a: EventParams, b: EventParams): boolean {
  if (a.id !== b.id || a.conversationId !== b.conversationId || a.msg.type !== b.msg.type) return false;
  if (!(isOutputDelta(a.msg) && isOutputDelta(b.msg))) return true;
  return a.msg.call_id === b.msg.call_id && a.msg.stream === b.msg.stream;
}

function templateOf({ id, msg, conversationId }: EventParams, field: 'delta' | 'chunk'): Template {
  const params = { id, msg: { ...msg, [field]: '' }, conversationId };
  const { text } = membersOf(params);
  const empty = `"${field}":""`;
  // The only quotes that are not escaped are those around names and values, and the field is the name of one member.
  const at = text.indexOf(empty) + empty.length - 2;
  const [before, after] = [text.slice(0, at), text.slice(at + 2)];
  return { params, before, after, size: Buffer.byteLength(before + after) };
}
