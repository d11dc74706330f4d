import { Frame } from './frame.ts';

/** How the pieces of one kind of running text are put together. */
interface Kind {
  /** The member of `msg` that has the piece. */
  readonly field: 'delta' | 'chunk';
  readonly encoding: 'utf16le' | 'base64';
  /** Bytes that a joined piece may have. */
  readonly limit: number;
  /** Characters from which an event is left as it is: hardly anything could be joined to it. */
  readonly full: number;
}

const TEXT: Kind = { field: 'delta', encoding: 'utf16le', limit: 128 * 1024, full: 64 * 1024 };
/** The limit is that of a single piece of output in the protocol. */
const OUTPUT: Kind = { field: 'chunk', encoding: 'base64', limit: 8_192, full: Math.floor((8_192 * 4) / 3) };

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['codex/event/agent_message_delta', TEXT],
  ['codex/event/agent_reasoning_delta', TEXT],
  ['codex/event/agent_reasoning_raw_content_delta', TEXT],
  ['codex/event/exec_command_output_delta', OUTPUT],
]);

interface DeltaParams {
  readonly msg: Readonly<Record<string, unknown>>;
}

/** An event that carries the next piece of a text. */
export interface Delta {
  readonly frame: Frame;
  /** Equal for pieces of the same text. */
  readonly run: string;
  readonly bytes: Buffer;
}

/** `undefined` for events that are no deltas. */
export function readDelta(frame: Frame): Delta | undefined {
  const kind = KINDS.get(frame.method);
  if (!kind || frame.eventId === undefined) return undefined;
  const params = frame.params as DeltaParams;
  const { [kind.field]: piece, ...rest } = params.msg;
  const run = `${frame.method} ${JSON.stringify({ ...params, msg: rest })}`;
  return { frame, run, bytes: Buffer.from(String(piece), kind.encoding) };
}

/** Whether an event may become a part of a longer one. */
export const isDelta = ({ method, eventId }: Frame): boolean => KINDS.has(method) && eventId !== undefined;

/** Deltas of the same text that follow one another, or one event of another kind. */
export interface Group<T> {
  readonly items: T[];
  /** One per item; none for an event of another kind. */
  readonly deltas: Delta[];
}

/** Cuts a sequence of events into groups that may each become one event; keeps the order. */
export function groupDeltas<T extends { readonly frame: Frame }>(items: readonly T[]): Group<T>[] {
  const groups: Group<T>[] = [];
  let length = 0;
  for (const item of items) {
    const delta = isFull(item.frame) ? undefined : readDelta(item.frame);
    const group = groups.at(-1);
    if (delta && group && joins(group, length, delta)) {
      group.items.push(item);
      group.deltas.push(delta);
      length += delta.bytes.length;
    } else {
      groups.push({ items: [item], deltas: delta ? [delta] : [] });
      length = delta?.bytes.length ?? 0;
    }
  }
  return groups;
}

/** Told without reading it: events of long texts are many when there is much to join. */
const isFull = ({ method, size }: Frame): boolean => size >= (KINDS.get(method)?.full ?? 0);

function joins({ deltas: [first] }: Group<unknown>, length: number, next: Delta): boolean {
  const limit = KINDS.get(next.frame.method)?.limit ?? 0;
  return first?.run === next.run && length + next.bytes.length <= limit;
}

/** One event in place of all these, which has the id of the last. */
export function joinDeltas(deltas: readonly Delta[]): Frame | undefined {
  const last = deltas.at(-1);
  if (!last || deltas.length === 1) return last?.frame;
  return withPiece(last.frame, Buffer.concat(deltas.map(({ bytes }) => bytes)), last.frame.eventId);
}

/** The event with another piece of the same text. */
export function withPiece(frame: Frame, bytes: Buffer, eventId: string | undefined): Frame {
  const kind = KINDS.get(frame.method) ?? TEXT;
  const params = frame.params as DeltaParams;
  const msg = { ...params.msg, [kind.field]: bytes.toString(kind.encoding) };
  return new Frame(frame.method, { ...params, msg }, eventId);
}
