import type { EventMsg } from '../protocol/vocabulary/events.ts';
import { type JsonMembers, membersOf, PieceMembers, type Surroundings } from '../rpc/json-members.ts';

/** An event of a conversation: the params of its notification. */
interface EventParams {
  readonly id: string;
  readonly msg: EventMsg;
  readonly conversationId: string;
}

type Serialise = (params: EventParams) => JsonMembers;

/** A piece of the model's text: its message has nothing else. */
type TextDelta = Extract<EventMsg, { delta: string }>;

const isTextDelta = (msg: EventMsg): msg is TextDelta => 'delta' in msg;

interface Template extends Surroundings {
  readonly id: string;
  readonly type: TextDelta['type'];
  readonly conversationId: string;
}

/** Serialises events. Pieces of text come by the thousand and differ in that text alone, so that only that is looked at. */
export function createEventJson(): Serialise {
  let latest: Template | undefined;
  return (params) => {
    const { id, msg, conversationId } = params;
    if (!isTextDelta(msg)) return membersOf(params);
    const fits = latest?.type === msg.type && latest.id === id && latest.conversationId === conversationId;
    const template = latest && fits ? latest : templateOf(id, msg.type, conversationId);
    latest = template;
    return new PieceMembers(template, msg.delta);
  };
}

function templateOf(id: string, type: TextDelta['type'], conversationId: string): Template {
  const { text } = membersOf({ id, msg: { type, delta: '' }, conversationId });
  const empty = '"delta":""';
  // The only quotes that are not escaped are those around names and values, and `delta` is the name of one member.
  const at = text.indexOf(empty) + empty.length - 2;
  const [before, after] = [text.slice(0, at), text.slice(at + 2)];
  return { id, type, conversationId, before, after, size: Buffer.byteLength(before + after) };
}
