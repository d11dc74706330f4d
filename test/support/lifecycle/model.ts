import type { Act, Course } from './operation.ts';
import { FIRST_INPUT, type Place } from './stored-files.ts';

/** Which file a loaded conversation is continued in: its own, wherever that is, or the copy. */
export type Source = 'own' | 'copy';

/** What can be said of one conversation without looking. */
export interface ConversationModel {
  readonly place: Place;
  /** `undefined` while it is not loaded. */
  readonly source: Source | undefined;
  readonly turn: 'none' | 'held' | 'asking';
  /** Whether it ever asked for consent. */
  readonly asked: boolean;
  /** Acknowledged input of each file, in order. */
  readonly inputs: Readonly<Record<Source, readonly string[]>>;
  /** Joined the running turn, which has not taken it in yet. */
  readonly waiting: readonly string[];
  /** Waited for a turn that was broken off: shown, but perhaps not part of what the model is sent. */
  readonly dropped: readonly string[];
  /** All that were ever attached, in order, by the act that did it. */
  readonly listeners: readonly { readonly act: Act; readonly live: boolean }[];
}

export const initialModel = (place: Place): ConversationModel => ({
  place,
  source: undefined,
  turn: 'none',
  asked: false,
  inputs: { own: [FIRST_INPUT], copy: [FIRST_INPUT] },
  waiting: [],
  dropped: [],
  listeners: [],
});

/** Reason words of the outcomes; `ok` is a success. */
export type Expected =
  | 'ok'
  | 'conversation_not_found'
  | 'path_outside_sessions'
  | 'not_archived'
  | 'already_archived'
  | 'conversation_loaded_elsewhere'
  | 'rollout_io'
  | 'subscription_not_found'
  | 'approval_not_found'
  | 'approval_already_answered';

export interface Step {
  readonly expected: Expected;
  readonly next: ConversationModel;
}

const refuse = (next: ConversationModel, expected: Expected): Step => ({ expected, next });
const accept = (next: ConversationModel): Step => ({ expected: 'ok', next });

/** The one defined result of an act in a state. */
export function step(model: ConversationModel, act: Act): Step {
  const { operation } = act;
  switch (operation.kind) {
    case 'get':
    case 'list':
      return accept(model);
    case 'resume':
      return resume(model, operation.file);
    case 'archive':
      return operation.path === 'own' ? archive(model) : refuse(model, 'path_outside_sessions');
    case 'unarchive':
      return unarchive(model, operation.by);
    case 'say':
      return say(model, act.text, operation.course);
    case 'interrupt':
      return model.source ? accept(withoutTurn(model)) : refuse(model, 'conversation_not_found');
    case 'listen':
      return listen(model, act);
    case 'unlisten':
      return unlisten(model, operation.listener);
    case 'answer':
      return answer(model, operation.decision);
    case 'release':
      return accept(finished(model));
  }
}

function resume(model: ConversationModel, file: Place | 'copy'): Step {
  if (file !== 'copy' && file !== model.place) return refuse(model, 'rollout_io');
  const source = file === 'copy' ? 'copy' : 'own';
  if (model.source && model.source !== source) return refuse(model, 'conversation_loaded_elsewhere');
  return accept({ ...model, source });
}

function archive(model: ConversationModel): Step {
  if (model.place === 'archived') return refuse(model, 'already_archived');
  return accept({ ...unloaded(model), place: 'archived' });
}

function unarchive(model: ConversationModel, by: 'id' | 'path'): Step {
  if (model.place === 'sessions')
    return refuse(model, by === 'id' ? 'not_archived' : 'conversation_not_found');
  return accept({ ...unloaded(model), place: 'sessions' });
}

const STARTED = { end: 'none', hold: 'held', ask: 'asking' } as const;

function say(model: ConversationModel, text: string, course: Course): Step {
  const { source } = model;
  if (!source) return refuse(model, 'conversation_not_found');
  const inputs = { ...model.inputs, [source]: [...model.inputs[source], text] };
  if (model.turn !== 'none') return accept({ ...model, inputs, waiting: [...model.waiting, text] });
  return accept({ ...model, inputs, turn: STARTED[course], asked: model.asked || course === 'ask' });
}

function listen(model: ConversationModel, act: Act): Step {
  if (!model.source) return refuse(model, 'conversation_not_found');
  return accept({ ...model, listeners: [...model.listeners, { act, live: true }] });
}

function unlisten(model: ConversationModel, index: number): Step {
  if (!model.listeners[index]?.live) return refuse(model, 'subscription_not_found');
  const listeners = model.listeners.map((each, at) => (at === index ? { ...each, live: false } : each));
  return accept({ ...model, listeners });
}

function answer(model: ConversationModel, decision: string): Step {
  if (model.turn === 'asking') return accept(decision === 'abort' ? withoutTurn(model) : finished(model));
  return refuse(model, model.asked ? 'approval_already_answered' : 'approval_not_found');
}

const finished = (model: ConversationModel): ConversationModel => ({ ...model, turn: 'none', waiting: [] });

const withoutTurn = (model: ConversationModel): ConversationModel => ({
  ...finished(model),
  dropped: [...model.dropped, ...model.waiting],
});

const unloaded = (model: ConversationModel): ConversationModel => ({
  ...withoutTurn(model),
  source: undefined,
  listeners: model.listeners.map((listener) => ({ ...listener, live: false })),
});
