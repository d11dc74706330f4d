import type { EventMsg, EventOf, TextDelta, TextDeltas } from '../protocol/vocabulary/events.ts';
import { type JsonMembers, membersOf, PieceMembers, type Surroundings } from '../rpc/json-members.ts';
import { longMembersOf } from './long-event-json.ts';

/** An event of a conversation: the params of its notification. */
export interface EventParams {
  readonly id: string;
  readonly msg: EventMsg;
  readonly conversationId: string;
}

/** Pieces of one text, in the turn with the id. */
export interface DeltasParams {
  readonly id: string;
  readonly deltas: TextDeltas;
  readonly conversationId: string;
}

export interface EventJson {
  event(params: EventParams): JsonMembers;
  deltas(params: DeltasParams): JsonMembers[];
}

/** A piece of what a command prints, in base64. */
type OutputDelta = EventOf<'exec_command_output_delta'>;

const isTextDelta = (msg: EventMsg): msg is TextDelta => 'delta' in msg;
const isOutputDelta = (msg: EventMsg): msg is OutputDelta => msg.type === 'exec_command_output_delta';

type Field = 'delta' | 'chunk';

interface Template extends Surroundings {
  /** An event that was made with it. */
  readonly params: EventParams;
}

/** Serialises events. Pieces of text come by the thousand and differ in that text alone, so that only that is looked at. */
export function createEventJson(): EventJson {
  let latest: Template | undefined;
  const templateFor = (params: EventParams, field: Field): Template => {
    if (!latest || !isSameText(latest.params, params)) latest = templateOf(params, field);
    return latest;
  };
  return {
    event(params) {
      const { msg } = params;
      if (isTextDelta(msg)) return textPiece(templateFor(params, 'delta'), msg.delta);
      // Nothing of base64 is escaped: the quotes are put around it without a copy.
      if (isOutputDelta(msg))
        return new PieceMembers(templateFor(params, 'chunk'), `"${msg.chunk}"`, msg.chunk.length + 2);
      return longMembersOf(params) ?? membersOf(params);
    },
    deltas({ id, deltas: { type, texts }, conversationId }) {
      const template = templateFor({ id, msg: { type, delta: '' }, conversationId }, 'delta');
      return texts.map((text) => textPiece(template, text));
    },
  };
}

function textPiece(template: Template, text: string): JsonMembers {
  const json = JSON.stringify(text);
  return new PieceMembers(template, json, Buffer.byteLength(json));
}

/** Whether two pieces belong to the same text. */
function isSameText(a: EventParams, b: EventParams): boolean {
  if (a.id !== b.id || a.conversationId !== b.conversationId || a.msg.type !== b.msg.type) return false;
  if (!(isOutputDelta(a.msg) && isOutputDelta(b.msg))) return true;
  return a.msg.call_id === b.msg.call_id && a.msg.stream === b.msg.stream;
}

function templateOf({ id, msg, conversationId }: EventParams, field: Field): Template {
  const params = { id, msg: { ...msg, [field]: '' }, conversationId };
  const { text } = membersOf(params);
  const empty = `"${field}":""`;
  // The only quotes that are not escaped are those around names and values, and the field is the name of one member.
  const at = text.indexOf(empty) + empty.length - 2;
  const [before, after] = [text.slice(0, at), text.slice(at + 2)];
  return { params, before, after, size: Buffer.byteLength(before + after) };
}
