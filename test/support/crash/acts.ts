import { basename } from 'node:path';
import type { Door, Refusal, Reply } from './door.ts';
import { type Ledger, openLedger } from './ledger.ts';
import type { SettingsLedger, Values } from './settings-ledger.ts';

export type Settings = Readonly<Record<string, unknown>>;

/** What a client answers when it is asked for consent. */
export type Consent = () => Promise<string>;

export class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: Refusal;

  constructor(method: string, refusal: Refusal) {
    super(`${method}: ${refusal.message}`);
    this.refusal = refusal;
  }
}

async function resultOf(door: Door, method: string, params: object): Promise<NonNullable<Reply['result']>> {
  const { result, error } = await door.call(method, { ...params });
  if (error) throw new Refused(method, error);
  return result ?? {};
}

/** Opens a conversation and listens to it from its first event on. */
export async function create(door: Door, settings: Settings, consent: Consent): Promise<Ledger> {
  const { conversationId, rolloutPath } = await resultOf(door, 'newConversation', settings);
  const ledger = openLedger(String(conversationId), String(rolloutPath));
  await listen(door, ledger, undefined, consent);
  return ledger;
}

/**
 * Goes on with a stored conversation and listens to it from there on.
 * @returns its messages so far
 */
export async function resume(
  door: Door,
  ledger: Ledger,
  overrides: Settings,
  consent: Consent,
): Promise<readonly unknown[]> {
  const result = await resultOf(door, 'resumeConversation', { path: ledger.path, overrides });
  await listen(door, ledger, String(result.lastEventId), consent);
  return result.initialMessages as unknown[];
}

async function listen(door: Door, ledger: Ledger, after: string | undefined, asked: Consent): Promise<void> {
  ledger.ordered &&= door.ordered;
  ledger.listeners += 1;
  const listener = ledger.listeners;
  await door.listen(ledger.id, after, {
    heard: (turn, msg) => ledger.note({ kind: 'event', listener, turn, msg }),
    asked,
  });
}

export async function say(door: Door, ledger: Ledger, text: string): Promise<void> {
  const { listeners: listener } = ledger;
  ledger.note({ kind: 'asked', listener, text });
  const items = [{ type: 'text', data: { text } }];
  const { error } = await door.call('sendUserMessage', { conversationId: ledger.id, items });
  ledger.note({ kind: error ? 'refused' : 'acknowledged', listener, text });
  if (error) throw new Refused('sendUserMessage', error);
}

export async function interrupt(door: Door, { id: conversationId }: Ledger): Promise<void> {
  await resultOf(door, 'interruptConversation', { conversationId });
}

export async function archive(door: Door, ledger: Ledger): Promise<void> {
  ledger.places = ['sessions', 'archived_sessions'];
  const { id: conversationId, path } = ledger;
  await resultOf(door, 'archiveConversation', { conversationId, rolloutPath: path });
  ledger.places = ['archived_sessions'];
  ledger.path = path.replace(/\/sessions\/.*/, `/archived_sessions/${basename(path)}`);
}

export async function unarchive(door: Door, ledger: Ledger): Promise<void> {
  ledger.places = ['sessions', 'archived_sessions'];
  const { rolloutPath } = await resultOf(door, 'unarchiveConversation', { conversationId: ledger.id });
  ledger.places = ['sessions'];
  ledger.path = String(rolloutPath);
}

/** Has something written to the settings or the credentials. */
export async function set(
  door: Door,
  settings: SettingsLedger,
  values: Partial<Values>,
  [method, params]: readonly [string, object],
): Promise<void> {
  settings.asked(values);
  await resultOf(door, method, params);
  settings.acknowledged(values);
}
