import { expect } from 'vitest';
import type { RealConversation } from './conversation.ts';
import type { ConversationModel, Source } from './model.ts';
import { filesNamedFor, placesOf, remembered, shownInputs } from './stored-files.ts';
import type { World } from './world.ts';

/** What can be seen of a conversation from outside. */
export interface Sight {
  readonly places: readonly string[];
  readonly loaded: unknown;
  readonly archived: unknown;
  readonly path: unknown;
  readonly hasTurn: boolean;
  readonly pendingApprovals: number;
  readonly listeners: unknown;
  /** As `getConversation` has them. */
  readonly inputs: readonly string[];
  /** As the files have them. */
  readonly stored: Readonly<Record<Source, readonly string[]>>;
}

/** The path of the file that the conversation has, or is continued in. */
const pathOf = ({ file }: RealConversation, { source, place }: ConversationModel): string =>
  source === 'copy' ? file.copy : file[place];

export async function look(conversation: RealConversation): Promise<Sight> {
  const { world, file } = conversation;
  const { result, reason } = await world.callers[0].call('getConversation', { conversationId: file.id });
  if (!result) throw new Error(`getConversation ${file.id}: ${reason}`);
  const messages = result.messages as { type: string; message?: string }[];
  const places = placesOf(file);
  const [place = 'sessions'] = places;
  return {
    places,
    loaded: result.loaded,
    archived: result.archived,
    path: result.path,
    hasTurn: result.turn !== null,
    pendingApprovals: (result.pendingApprovals as object[]).length,
    listeners: result.listeners,
    inputs: messages.flatMap(({ type, message }) => (type === 'user_message' ? [String(message)] : [])),
    stored: { own: shownInputs(file[place]), copy: shownInputs(file.copy) },
  };
}

/** The same, as the model has it. */
export function foresee(conversation: RealConversation, model: ConversationModel): Sight {
  const { place, source, turn, inputs } = model;
  return {
    places: [place],
    loaded: source !== undefined,
    archived: place === 'archived' && source !== 'copy',
    path: pathOf(conversation, model),
    hasTurn: turn !== 'none',
    pendingApprovals: turn === 'asking' ? 1 : 0,
    listeners: sinks(conversation.world, model),
    inputs: inputs[source ?? 'own'],
    stored: inputs,
  };
}

/** A connection gets one copy of each event however often it listens; a listener of REST is one by itself. */
function sinks({ callers }: World, { listeners }: ConversationModel): number {
  const live = listeners.filter((listener) => listener.live).map(({ act }) => act.caller);
  const isRest = (caller: number): boolean => callers[caller]?.door === 'rest';
  return new Set(live.filter((caller) => !isRest(caller))).size + live.filter(isRest).length;
}

/** Holds whatever was done to it, once nothing runs: each acknowledged input is in the history exactly once. */
export function expectHistory({ file }: RealConversation, model: ConversationModel): void {
  const { dropped } = model;
  const paths = { own: file[model.place], copy: file.copy };
  for (const source of ['own', 'copy'] as const) {
    const known = remembered(paths[source]).filter((text) => !dropped.includes(text));
    expect(known, 'user messages that the model is sent').toEqual(
      model.inputs[source].filter((text) => !dropped.includes(text)),
    );
    expect(new Set(remembered(paths[source])).size).toBe(remembered(paths[source]).length);
  }
}

/** One file in one place, in one of the two lists. */
export async function expectOnePlace(
  { world, file }: RealConversation,
  { place }: ConversationModel,
): Promise<void> {
  expect(filesNamedFor(file)).toEqual([file[place]]);
  for (const archived of [false, true]) {
    const { result } = await world.callers[0].call('listConversations', { archived });
    const items = (result?.items ?? []) as { conversationId: string; path: string }[];
    const isHere = (place === 'archived') === archived;
    const listed = items.filter(({ conversationId }) => conversationId === file.id).map(({ path }) => path);
    expect(listed, archived ? 'archived list' : 'list').toEqual(isHere ? [file[place]] : []);
  }
}
