import { signal } from '@preact/signals';
import type { Client } from '../../client/client.ts';
import type { Result } from '../../protocol/registry.ts';

export type Loaded = Result<'listLoadedConversations'>['items'][number];

/** Events after which another conversation may run, wait for an answer, or be gone. */
const NEWS = [
  'task_started',
  'task_complete',
  'turn_aborted',
  'exec_approval_request',
  'apply_patch_approval_request',
  'exec_command_begin',
  'patch_apply_begin',
  'shutdown_complete',
].map((type) => `codex/event/${type}`);

/** Milliseconds in which several pieces of news are one. */
const SETTLING = 80;

/**
 * The conversations that the daemon holds, as they are now. It listens to the stream of all events, and only while the
 * page is seen: browsers allow few streams per host, and pages in the background would use them up.
 */
export function watchLoaded(client: Client, onTurn: () => void) {
  const loaded = signal<ReadonlyMap<string, Loaded>>(new Map());
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function refresh(): Promise<void> {
    timer = undefined;
    try {
      const { items } = await client.call('listLoadedConversations');
      loaded.value = new Map(items.map((item) => [item.conversationId, item]));
    } catch {
      // Without a connection; the next one brings a refresh.
    }
  }

  function refreshSoon(): void {
    if (timer === undefined) timer = setTimeout(() => void refresh(), SETTLING);
  }

  function listen(): void {
    if (document.hidden) {
      source?.close();
      source = undefined;
      return;
    }
    refreshSoon();
    if (source) return;
    source = new EventSource('/v1/events');
    source.onopen = refreshSoon;
    for (const name of NEWS) source.addEventListener(name, refreshSoon);
    source.addEventListener('codex/event/task_started', onTurn);
  }

  document.addEventListener('visibilitychange', listen);
  client.onState((state) => state === 'connected' && refreshSoon());
  client.onNotification(({ method }) => {
    if (method === 'approvalResolved') refreshSoon();
  });
  listen();
  return { loaded, refreshSoon };
}
