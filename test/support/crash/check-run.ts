import { isDeepStrictEqual } from 'node:util';
import { finalText, heardBy, type Ledger, type Msg, textsOf } from './ledger.ts';
import { eventsOf, itemTexts, type RolloutFile, type StoredLine } from './rollout-file.ts';

/** Events that have a line of their own (protocol-v1, section 15). */
const STORED: ReadonlySet<string> = new Set([
  'agent_message',
  'agent_reasoning',
  'agent_reasoning_raw_content',
  'token_count',
  'turn_aborted',
]);

export const isStored = ({ type }: Msg): boolean => STORED.has(type);

/** In words, what a daemon that is dead now had told the clients of a conversation and did not put into its file. */
export function checkRun(ledger: Ledger, file: RolloutFile): string[] {
  const lines = file.lines.slice(ledger.baseline.length);
  const faults = [
    ...file.faults,
    ...checkKept(ledger.baseline, file),
    ...checkInputs(ledger, lines),
    ...checkOrder(ledger, lines),
    ...checkEvents(ledger, lines),
    ...checkEnds(ledger, lines),
    ...checkOnce(file.lines),
  ];
  return faults.map((fault) => `${ledger.id}: ${fault}`);
}

/** What a file had once, it has for good. */
export function checkKept(before: readonly StoredLine[], { lines }: RolloutFile): string[] {
  const changed = before.findIndex(({ text }, index) => lines[index]?.text !== text);
  return changed === -1
    ? []
    : [`line ${changed + 1} is not what it was: ${lines[changed]?.text.slice(0, 80)}`];
}

const isInput = (line: StoredLine, text: string): boolean =>
  line.type === 'event_msg' && line.payload.type === 'user_message' && line.payload.message === text;

function checkInputs({ entries }: Ledger, lines: readonly StoredLine[]): string[] {
  const acknowledged = new Set(textsOf(entries, 'acknowledged'));
  return textsOf(entries, 'asked').flatMap((text) => {
    const times = lines.filter((line) => isInput(line, text)).length;
    if (acknowledged.has(text) && times === 0) return [`lost an acknowledged input: ${text}`];
    return times > 1 ? [`has an input ${times} times: ${text}`] : [];
  });
}

/** What a client knew before it said something comes before that in the file. */
function checkOrder({ entries }: Ledger, lines: readonly StoredLine[]): string[] {
  const faults: string[] = [];
  const floors = new Map<string, number>();
  let known = -1;
  for (const entry of entries) {
    if (entry.kind === 'asked') floors.set(entry.text, known);
    else if (entry.kind === 'acknowledged') {
      const at = lines.findIndex((line) => isInput(line, entry.text));
      if (at !== -1 && at <= (floors.get(entry.text) ?? -1)) faults.push(`is out of order: ${entry.text}`);
      known = Math.max(known, at);
    } else if (entry.kind === 'event' && entry.msg.type === 'agent_message') {
      known = Math.max(
        known,
        lines.findIndex(({ payload }) => isDeepStrictEqual(payload, entry.msg)),
      );
    }
  }
  return faults;
}

/** A listener gets stored events without a gap, so they are a piece of the file, each listener's after the last one's. */
function checkEvents(ledger: Ledger, lines: readonly StoredLine[]): string[] {
  const stored = eventsOf(lines).filter(({ type }) => type !== 'user_message');
  let from = 0;
  for (let listener = 1; listener <= ledger.listeners; listener++) {
    const heard = heardBy(ledger, listener).filter(isStored);
    const at = findPiece(stored, heard, from);
    if (at === undefined)
      return [`listener ${listener} heard what is not in the file so: ${describe(heard)}`];
    from = at + heard.length;
  }
  return [];
}

function findPiece(whole: readonly object[], piece: readonly object[], from: number): number | undefined {
  for (let start = from; start + piece.length <= whole.length; start++) {
    if (piece.every((part, index) => isDeepStrictEqual(whole[start + index], part))) return start;
  }
  return undefined;
}

const describe = (events: readonly Msg[]): string =>
  events.map((event) => JSON.stringify(event).slice(0, 120)).join(', ');

/** A turn that was told to be complete has everything in the file that the model is sent again. */
function checkEnds({ entries }: Ledger, lines: readonly StoredLine[]): string[] {
  const said = itemTexts(lines, 'assistant');
  const asked = itemTexts(lines, 'user');
  return entries.flatMap((entry) => {
    if (entry.kind !== 'event' || entry.msg.type !== 'task_complete') return [];
    const last = entry.msg.last_agent_message;
    if (typeof last !== 'string') return [];
    const inputs = textsOf(entries, 'acknowledged').filter((text) => finalText(text) === last);
    const missing = inputs.filter((text) => !asked.includes(text));
    return [
      ...(said.includes(last) ? [] : [`lost the last message of a complete turn: ${last}`]),
      ...missing.map((text) => `lost the input of a complete turn for the model: ${text}`),
    ];
  });
}

/** Texts, calls and outputs have names that nothing else has. */
function checkOnce(lines: readonly StoredLine[]): string[] {
  const names = lines.flatMap(({ type, payload }) => {
    const { call_id, message, text } = payload;
    if (type === 'response_item') return call_id === undefined ? [] : [`${payload.type} ${call_id}`];
    return type === 'event_msg' && (message ?? text) !== undefined
      ? [`${payload.type} ${message ?? text}`]
      : [];
  });
  const messages = ['user', 'assistant'].flatMap((role) =>
    itemTexts(lines, role).map((text) => `${role} ${text}`),
  );
  return [...repeated(names), ...repeated(messages)].map((name) => `has twice: ${name.slice(0, 200)}`);
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.size === seen.add(name).size);
}
