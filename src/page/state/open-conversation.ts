import { batch, signal } from '@preact/signals';
import type { Client } from '../../client/client.ts';
import { ConnectionError, RequestError } from '../../client/errors.ts';
import type { SnapshotUpdate, Update } from '../../client/update.ts';
import type { InputItem } from '../../protocol/vocabulary/items.ts';
import { foldEvent, foldSaid, foldSnapshot, lacksMessage } from '../transcript/fold.ts';
import { EMPTY } from '../transcript/transcript.ts';
import { explain } from './problem.ts';

type Description = SnapshotUpdate['conversation'];

/** What is known of a conversation beside what happened in it. */
export type About = Omit<Description, 'messages' | 'turn'>;

const NOT_FOUND = 'conversation_not_found';

/** A conversation that the page shows: from its file, or live where the daemon has it loaded. */
export function openConversation(client: Client, id: string) {
  const conversation = client.conversation(id);
  const leaving = new AbortController();
  const { signal: left } = leaving;
  const about = signal<About | undefined>(undefined);
  const transcript = signal(EMPTY);
  const problem = signal<string | undefined>(undefined);
  /** Ends the waiting for a conversation that is not loaded. */
  let wake = (): void => {};
  /** Resolves with the first snapshot of a conversation that is followed. */
  let followed = Promise.withResolvers<void>();

  function show(description: Description): void {
    batch(() => {
      about.value = description;
      transcript.value = foldSnapshot(description);
      problem.value = undefined;
    });
  }

  function take(update: Update): void {
    if (update.kind === 'snapshot') {
      show(update.conversation);
      followed.resolve();
      return;
    }
    const { msg, turnId } = update;
    if (msg.type === 'task_started' && lacksMessage(transcript.value)) conversation.refresh();
    transcript.value = foldEvent(transcript.value, msg, turnId);
  }

  async function follow(): Promise<void> {
    const updates = conversation.follow({ snapshot: true, detailed: true, signal: left });
    for await (const update of updates) take(update);
  }

  async function showStored(): Promise<void> {
    const description = await client.call('getConversation', { conversationId: id, detailed: true });
    if (description.loaded || left.aborted) return;
    show(description);
    await new Promise<void>((resolve) => {
      wake = resolve;
      left.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  async function run(): Promise<void> {
    while (!left.aborted) {
      try {
        await follow();
      } catch (error) {
        if (isPassing(error)) continue;
        if (!(error instanceof RequestError && error.reason === NOT_FOUND)) throw error;
      }
      followed = Promise.withResolvers();
      if (!left.aborted) await showStored();
    }
  }

  /** The daemon takes it up again, with the settings that hold now. */
  async function takeUp(): Promise<void> {
    const path = about.value?.path;
    if (about.value?.loaded || path === undefined) return;
    await client.call('resumeConversation', { path });
    wake();
    await followed.promise;
  }

  async function send(items: InputItem[]): Promise<void> {
    await takeUp();
    const isCertain = await deliver(client, id, items);
    // After a lost connection the message is in its place in a snapshot only.
    if (isCertain) transcript.value = foldSaid(transcript.value, toMessage(items));
    else conversation.refresh();
  }

  run().catch((error) => {
    if (!left.aborted) problem.value = explain(error);
    followed.promise.catch(() => {});
    followed.reject(error);
  });
  return {
    id,
    about,
    transcript,
    problem,
    send,
    interrupt: () => conversation.interrupt(),
    /** The daemon may have loaded it meanwhile. */
    look: () => wake(),
    async archive(): Promise<void> {
      const rolloutPath = about.value?.path;
      if (rolloutPath !== undefined)
        await client.call('archiveConversation', { conversationId: id, rolloutPath });
      wake();
    },
    async unarchive(): Promise<void> {
      await client.call('unarchiveConversation', { conversationId: id });
      wake();
    },
    leave: () => leaving.abort(),
  };
}

export type OpenConversation = ReturnType<typeof openConversation>;

/**
 * Sends a message once, however often it has to be tried.
 * @returns whether the first try got its answer
 */
async function deliver(client: Client, conversationId: string, items: InputItem[]): Promise<boolean> {
  const keyed = { conversationId, items, _meta: { idempotencyKey: crypto.randomUUID() } };
  for (let isFirst = true; ; isFirst = false) {
    try {
      await client.call('sendUserMessage', keyed);
      return isFirst;
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
  }
}

function toMessage(items: readonly InputItem[]): { text: string; images: string[] } {
  return {
    text: items.map((item) => (item.type === 'text' ? item.data.text : '')).join(''),
    images: items.flatMap((item) => (item.type === 'image' ? [item.data.image_url] : [])),
  };
}

/** The next connection comes by itself. */
const isPassing = (error: unknown): boolean => error instanceof ConnectionError && error.fault === 'lost';
