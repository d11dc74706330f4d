import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { EventStream, SocketClient } from '../daemon-process.ts';
import type { DaemonWorld } from './daemon-world.ts';
import type { Outcome } from './outcome.ts';
import { filesOf, type StoredFile, storeConversation, storedFile } from './stored-files.ts';

const MCP_SERVER = path.join(import.meta.dirname, '../soak/tiny-mcp-server.ts');

/** A conversation in one of the states of the table. */
export interface Situation {
  readonly file: StoredFile;
  /** Listens with a connection; `undefined` in states without listeners. */
  readonly observer?: SocketClient;
  /** Listens without one. */
  readonly stream?: EventStream;
  /** A listener that a command may remove. */
  readonly subscriptionId?: string;
  readonly approvalId?: string;
  /** What brings it out of the state by itself. */
  readonly leaving?: Promise<Outcome>;
}

export interface Stage {
  readonly world: DaemonWorld;
  readonly observer: SocketClient;
  /** Different for each situation. */
  nextName(): string;
  /** Called by each that is there; resolves when its command may be sent. */
  reached(): Promise<void>;
}

export type Reach = (stage: Stage) => Promise<Situation>;

/** How a conversation comes into each state. */
export const SITUATIONS = {
  never: async ({ world }) => ({ file: storedFile(world.home, crypto.randomUUID()) }),
  stored: async ({ world }) => ({ file: storeConversation(world.home, 'sessions') }),
  archived: async ({ world }) => ({ file: storeConversation(world.home, 'archived') }),
  idle: (stage) => startConversation(stage, {}),
  listened: async (stage) => observe(stage, await startConversation(stage, {})),
  resumed: ({ world }) => resumeArchived(world),
  turn: async (stage) => withTurn(stage, `hold ${stage.nextName()}`, 'agent_message_delta'),
  command: async (stage) => withTurn(stage, 'run sleep 60', 'exec_command_begin'),
  approval: async (stage) => withApproval(stage),
  'shutting-down': (stage) => beingArchived(stage),
  draining: async (stage) => withTurn(stage, `hold ${stage.nextName()}`, 'agent_message_delta'),
} as const satisfies Record<string, Reach>;

export type State = keyof typeof SITUATIONS;

/** Idle after its first turn. */
async function startConversation({ world }: Stage, params: object): Promise<Situation> {
  const { conversationId, rolloutPath } = await world.daemon.newConversation(params);
  const file = filesOf(world.home, conversationId, rolloutPath);
  await world.daemon.say(conversationId, 'question');
  await world.turns.beyond(conversationId, 'ended', 0);
  mkdirSync(path.dirname(file.copy), { recursive: true });
  copyFileSync(file.sessions, file.copy);
  return { file, subscriptionId: await attach(world, conversationId) };
}

async function resumeArchived(world: DaemonWorld): Promise<Situation> {
  const file = storeConversation(world.home, 'archived');
  await world.daemon.post('/v1/conversations/resume', { path: file.archived });
  return { file, subscriptionId: await attach(world, file.id) };
}

async function attach({ daemon }: DaemonWorld, conversationId: string): Promise<string> {
  const { body } = await daemon.post<{ subscriptionId: string }>(
    `/v1/conversations/${conversationId}/listeners`,
  );
  return body.subscriptionId;
}

async function observe({ world, observer }: Stage, situation: Situation): Promise<Situation> {
  const { id } = situation.file;
  await observer.listen(id);
  return { ...situation, observer, stream: await world.daemon.stream(`/v1/conversations/${id}/events`) };
}

async function withTurn(stage: Stage, text: string, event: string, params: object = {}): Promise<Situation> {
  const situation = await observe(stage, await startConversation(stage, params));
  await stage.world.daemon.say(situation.file.id, text);
  await situation.stream?.event(event);
  return situation;
}

async function withApproval(stage: Stage): Promise<Situation> {
  const params = { approvalPolicy: 'untrusted' };
  const situation = await withTurn(stage, 'run true', 'exec_approval_request', params);
  const route = `/v1/approvals?conversationId=${situation.file.id}`;
  const { items } = await stage.world.daemon.get<{ items: { approvalId: string }[] }>(route);
  const [approval] = items;
  if (!approval) throw new Error('nothing is asked');
  return { ...situation, approvalId: approval.approvalId };
}

/** An MCP server that does not want to end makes the way into the archive two seconds long. */
async function beingArchived(stage: Stage): Promise<Situation> {
  const config = {
    'mcp_servers.tiny.command': process.execPath,
    'mcp_servers.tiny.args': [MCP_SERVER, 'stubborn'],
  };
  const situation = await withTurn(stage, `hold ${stage.nextName()}`, 'agent_message_delta', { config });
  const { id: conversationId, sessions: rolloutPath } = situation.file;
  const [caller] = stage.world.callers;
  const leaving = caller.call('archiveConversation', { conversationId, rolloutPath });
  await situation.stream?.event('shutdown_complete');
  return { ...situation, leaving };
}
