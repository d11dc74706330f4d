import { expect } from 'vitest';
import { ERRORS, type ErrorKind } from '../../../src/protocol/errors.ts';
import { registry } from '../../../src/protocol/registry.ts';
import type { Caller } from './callers.ts';
import type { DaemonWorld } from './daemon-world.ts';
import type { Outcome } from './outcome.ts';
import { type Reach, SITUATIONS, type Situation, type Stage, type State } from './situations.ts';
import { placesOf, type StoredFile } from './stored-files.ts';
import type { Row } from './table.ts';
import { COMMANDS, type Setting } from './table-commands.ts';

/** What the reason words stand for in numbers. */
const KINDS: Readonly<Record<string, ErrorKind>> = {
  conversation_not_found: 'notFound',
  subscription_not_found: 'notFound',
  approval_not_found: 'notFound',
  approval_already_answered: 'conflict',
  path_outside_sessions: 'invalidRequest',
  path_id_mismatch: 'invalidRequest',
  not_archived: 'conflict',
  already_archived: 'conflict',
  conversation_loaded_elsewhere: 'conflict',
  rollout_io: 'internal',
  draining: 'unavailable',
};

/** Tells of the end of a turn, of a question or of a conversation; all else of a turn has tests of its own. */
const TOLD = new Set(['turn_aborted', 'task_complete', 'shutdown_complete', 'approvalResolved']);

/** Brings a conversation into the state of the row, sends its command, and gives the row as it really is. */
export async function tryRow(row: Row, caller: Caller, stage: Stage, setting: Setting): Promise<Row> {
  const { command, state } = row;
  const reach: Reach | undefined = SITUATIONS[state as State];
  const { method, send } = COMMANDS[command] ?? {};
  if (!reach || !method || !send) throw new Error(`no such command or state: ${command}, ${state}`);
  const situation = await reach(stage);
  await stage.reached();
  const { turns } = stage.world;
  const ended = turns.count(situation.file.id, 'ended');
  const outcome = await send(caller, situation, setting);
  await situation.leaving;
  if (runsToItsEnd(row)) await turns.beyond(situation.file.id, 'ended', ended);
  const afterwards = await stateOf(situation.file, stage.world);
  return {
    command,
    state,
    answer: answerOf(outcome, method, caller),
    afterwards,
    heard: await heardBy(situation),
  };
}

const WITHOUT_TURN = new Set(['idle', 'listened', 'resumed']);

/** Whether the command lets a turn go on to its end, which comes after the answer. */
function runsToItsEnd({ command, state, answer }: Row): boolean {
  if (command === 'message' || command === 'turn') return answer === 'ok' && WITHOUT_TURN.has(state);
  return command.startsWith('answer') && command !== 'answer unknown' && state === 'approval';
}

/** The reason alone, when the numbers of the door are those that go with it. */
function answerOf({ reason, status, code, result }: Outcome, method: string, { door }: Caller): string {
  const kind = KINDS[reason];
  const error = kind && ERRORS[kind];
  const wanted = result ? registry.get(method)?.rest?.status : error?.status;
  const fits = code === error?.code && (door !== 'rest' || status === wanted);
  return fits ? reason : `${reason} with status ${status} and code ${code}`;
}

/** One word for all that can be seen of a conversation; more of them when what is seen does not fit together. */
async function stateOf(file: StoredFile, { callers, daemon }: DaemonWorld): Promise<string> {
  const [caller] = callers;
  const { result, reason } = await caller.call('getConversation', { conversationId: file.id });
  const places = placesOf(file);
  if (!result) return places.length === 0 && reason === 'conversation_not_found' ? 'never' : reason;
  if (result.path === file.copy) return 'copied';
  const [place] = places;
  if (places.length !== 1 || !place) return `in ${places.length} places`;
  if (result.path !== file[place]) return `${place}, but said to be at ${result.path}`;
  if (result.archived !== (place === 'archived')) return `${place}, but archived is ${result.archived}`;
  const lists = await Promise.all(
    [false, true].map(async (archived) => {
      const query = `?pageSize=10000&archived=${archived}`;
      const { items } = await daemon.get<{ items: { path: string }[] }>(`/v1/conversations${query}`);
      return items.filter(({ path }) => path === file[place]).length;
    }),
  );
  const wanted = place === 'archived' ? [0, 1] : [1, 0];
  if (String(lists) !== String(wanted)) return `${place}, but in the lists ${lists} times`;
  if (!result.loaded) return place === 'archived' ? 'archived' : 'stored';
  if ((result.pendingApprovals as object[]).length > 0) return 'approval';
  if (result.turn) return 'turn';
  return place === 'archived' ? 'resumed' : 'idle';
}

/** States that look alike from outside. */
const LOOKS: Readonly<Record<string, string>> = { listened: 'idle', command: 'turn', draining: 'turn' };

export const asSeen = (row: Row): Row => ({ ...row, afterwards: LOOKS[row.afterwards] ?? row.afterwards });

/** What both listeners were told. An answer on the same connection comes after all that was sent before it. */
async function heardBy({ file, observer, stream }: Situation): Promise<string[]> {
  if (!observer || !stream) return [];
  await observer.call('getUserAgent');
  const heard = told(observer.notifications, file.id);
  await expect.poll(() => told(stream.notifications, file.id)).toEqual(heard);
  return heard;
}

const told = (notifications: readonly { method: string; params: object }[], id: string): string[] =>
  notifications
    .filter(({ params }) => 'conversationId' in params && params.conversationId === id)
    .map(({ method }) => method.replace('codex/event/', ''))
    .filter((name) => TOLD.has(name));
