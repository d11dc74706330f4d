import { computed, signal } from '@preact/signals';
import type { Client } from '../../client/client.ts';
import type { Result } from '../../protocol/registry.ts';
import { explain } from './problem.ts';

export type Summary = Result<'listConversations'>['items'][number];

const PAGE_SIZE = 100;
/** So many are looked through for a text; more are shown on demand. */
const SEARCHED = 5_000;

/** The stored conversations, or the archived ones, as far as they have been asked for. */
export function createConversationList(client: Client) {
  const items = signal<readonly Summary[]>([]);
  const cursor = signal<string | undefined>(undefined);
  const archived = signal(false);
  const query = signal('');
  const isLoading = signal(true);
  const problem = signal<string | undefined>(undefined);
  /** Answers that come after a later question are dropped. */
  let round = 0;

  async function load(after?: string): Promise<void> {
    const mine = after === undefined ? ++round : round;
    isLoading.value = true;
    try {
      const params = { pageSize: PAGE_SIZE, archived: archived.value, cursor: after ?? null };
      const page = await client.call('listConversations', params);
      if (mine !== round) return;
      items.value = after === undefined ? page.items : [...items.value, ...page.items];
      cursor.value = page.nextCursor;
      problem.value = undefined;
    } catch (error) {
      problem.value = explain(error);
      cursor.value = undefined;
    } finally {
      if (mine === round) isLoading.value = false;
    }
  }

  async function loadMore(): Promise<void> {
    if (cursor.value !== undefined && !isLoading.value) await load(cursor.value);
  }

  return {
    archived,
    query,
    isLoading,
    problem,
    hasMore: computed(() => cursor.value !== undefined),
    found: computed(() => items.value.filter((item) => matches(item, query.value))),
    load: () => load(),
    loadMore,
    async showArchived(wanted: boolean): Promise<void> {
      archived.value = wanted;
      items.value = [];
      await load();
    },
    /** The daemon knows no search: all of the list is fetched, and looked through here. */
    async search(text: string): Promise<void> {
      query.value = text;
      while (query.value === text && text.trim() !== '' && cursor.value !== undefined && !isLoading.value) {
        if (items.value.length >= SEARCHED) return;
        await loadMore();
      }
    },
  };
}

export type ConversationList = ReturnType<typeof createConversationList>;

/** Every word of the query is in the preview or the path. */
export function matches({ preview, path }: Summary, query: string): boolean {
  const text = `${preview}\n${path}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
