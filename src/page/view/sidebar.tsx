import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Summary } from '../state/conversation-list.ts';
import { conversationLink, route } from '../state/route.ts';
import { shortDate } from '../text/numbers.ts';
import { Visible, visibleText } from '../text/visible.tsx';
import { useSession } from './session-context.ts';
import { SidebarFooter } from './sidebar-footer.tsx';

const SEARCH = 'search';

export function focusSearch(): void {
  document.getElementById(SEARCH)?.focus();
}

export function Sidebar() {
  const { list } = useSession();
  return (
    <nav class="sidebar" aria-label="Conversations">
      <div class="sidebar-top">
        <div class="brand">
          <span>codexd</span>
          <a class="button primary" href="#/new">
            New
          </a>
        </div>
        <input
          id={SEARCH}
          type="search"
          placeholder="Search  ( / )"
          aria-label="Search conversations"
          value={list.query.value}
          onInput={({ currentTarget }) => void list.search(currentTarget.value)}
        />
        <fieldset class="choice">
          <legend class="visually-hidden">Which conversations</legend>
          {[false, true].map((archived) => (
            <label key={String(archived)}>
              <input
                type="radio"
                name="archived"
                checked={list.archived.value === archived}
                onChange={() => void list.showArchived(archived)}
              />
              <span>{archived ? 'Archived' : 'Current'}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <List />
      <SidebarFooter />
    </nav>
  );
}

function List() {
  const { list } = useSession();
  const end = useRef<HTMLButtonElement>(null);
  useSignalEffect(() => {
    if (!list.hasMore.value || !end.current) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) void list.loadMore();
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  });
  const found = list.found.value;
  return (
    <div class="list">
      {list.problem.value && <p class="problem">{list.problem.value}</p>}
      <ul>
        {found.map((summary) => (
          <Entry key={summary.conversationId} summary={summary} />
        ))}
      </ul>
      {found.length === 0 && !list.isLoading.value && <p class="empty">{emptyText(list)}</p>}
      <button
        type="button"
        class="quiet"
        ref={end}
        hidden={!list.hasMore.value}
        onClick={() => void list.loadMore()}
      >
        More
      </button>
    </div>
  );
}

function emptyText({ query, archived }: ReturnType<typeof useSession>['list']): string {
  if (query.value.trim() !== '') return 'Nothing found.';
  return archived.value ? 'Nothing is archived.' : 'No conversations yet.';
}

function Entry({ summary }: { summary: Summary }) {
  const { conversationId: id, preview, path, timestamp } = summary;
  const here = route.value;
  const isShown = here.name === 'conversation' && here.id === id;
  return (
    <li>
      <a href={conversationLink(id)} aria-current={isShown ? 'page' : undefined} title={visibleText(path)}>
        <span class="preview">
          <Visible text={preview.slice(0, 200)} />
        </span>
        <span class="entry-line">
          <State id={id} />
          <time dateTime={timestamp}>{timestamp && shortDate(timestamp)}</time>
        </span>
      </a>
    </li>
  );
}

function State({ id }: { id: string }) {
  const loaded = useSession().loaded.value.get(id);
  if (!loaded) return <span class="state" />;
  if (loaded.pendingApprovals > 0) return <span class="state asks">asks you</span>;
  if (loaded.turn) return <span class="state runs">working</span>;
  return <span class="state open">open</span>;
}
