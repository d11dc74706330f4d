import { LongMembers } from '../rpc/json-members.ts';
import type { EventParams } from './event-json.ts';

/** Characters from which a text is made bytes once and for all. */
const LONG = 64 * 1024;

const isLong = (value: unknown): value is string => typeof value === 'string' && value.length >= LONG;

/** Serialises an event with long texts, which may be equal: then they are held once. `undefined` for any other event. */
export function longMembersOf({ id, msg, conversationId }: EventParams): LongMembers | undefined {
  const members = Object.entries(msg).filter(([, value]) => value !== undefined);
  if (!members.some(([, value]) => isLong(value))) return undefined;
  const known = new Map<string, Buffer>();
  const pieces: Buffer[] = [];
  let text = `"id":${JSON.stringify(id)},"msg":{`;
  for (const [index, [name, value]] of members.entries()) {
    text += `${index === 0 ? '' : ','}${JSON.stringify(name)}:`;
    if (!isLong(value)) {
      text += JSON.stringify(value);
      continue;
    }
    const bytes = known.get(value) ?? Buffer.from(JSON.stringify(value));
    known.set(value, bytes);
    pieces.push(Buffer.from(text), bytes);
    text = '';
  }
  pieces.push(Buffer.from(`${text}},"conversationId":${JSON.stringify(conversationId)}`));
  return new LongMembers(pieces);
}
