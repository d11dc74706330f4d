import { setImmediate } from 'node:timers/promises';
import type { DaemonProcess, Notification, SocketClient } from '../daemon-process.ts';

/** A state of a conversation, and the place of it among the events. */
export interface Snapshot {
  readonly messages: readonly { readonly type: string }[];
  readonly lastEventId: string;
}

export type Way = 'getConversation' | 'resumeConversation';
export type Door = 'websocket' | 'sse';

/** Events of one conversation as one client got them: ids and messages. */
export interface Follower {
  readonly snapshot: Snapshot;
  events(): readonly Notification[];
  /** Resolves when the turn is over for this client. */
  readonly ended: Promise<unknown>;
}

/** Takes a snapshot and goes on from it, `pause` turns of the event loop later. */
export async function follow(
  daemon: DaemonProcess,
  conversation: { readonly conversationId: string; readonly rolloutPath: string },
  { way, door, pause }: { way: Way; door: Door; pause: number },
): Promise<Follower> {
  const { conversationId } = conversation;
  const snapshot = await takeSnapshot(daemon, conversation, way);
  for (let turns = 0; turns < pause; turns++) await setImmediate();
  const { lastEventId: afterEventId } = snapshot;
  if (door === 'websocket') {
    const socket = await daemon.connect();
    await listenAfter(socket, conversationId, afterEventId);
    return { snapshot, events: () => eventsOf(socket.notifications), ended: socket.event('task_complete') };
  }
  const route = `/v1/conversations/${conversationId}/events`;
  const stream = await daemon.stream(route, { 'last-event-id': afterEventId });
  return { snapshot, events: () => eventsOf(stream.notifications), ended: stream.event('task_complete') };
}

export async function listenAfter(
  socket: SocketClient,
  conversationId: string,
  afterEventId: string,
): Promise<void> {
  const { error } = await socket.call('addConversationListener', { conversationId, afterEventId });
  if (error) throw new Error(error.message);
}

async function takeSnapshot(
  daemon: DaemonProcess,
  { conversationId, rolloutPath }: { conversationId: string; rolloutPath: string },
  way: Way,
): Promise<Snapshot> {
  if (way === 'getConversation') return daemon.get<Snapshot>(`/v1/conversations/${conversationId}`);
  const { body } = await daemon.post<{ initialMessages: Snapshot['messages']; lastEventId: string }>(
    '/v1/conversations/resume',
    { path: rolloutPath },
  );
  return { messages: body.initialMessages, lastEventId: body.lastEventId };
}

/** Without what belongs to no conversation, and with the marker of a gap. */
export const eventsOf = (notifications: readonly Notification[]): Notification[] =>
  notifications.filter(({ method }) => method.startsWith('codex/event/'));
