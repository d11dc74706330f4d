import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Transcript } from '../transcript/transcript.ts';
import { ItemView } from './item-view.tsx';
import { SCROLLABLE } from './scrollable.ts';

/** Pixels from the end within which the view goes along with what comes. */
const NEAR_END = 80;

/** Items that are shown at first; the ones before them on demand. */
const SHOWN = 300;

/** What happened, in order, and below it what is asked. It stays at the end for who was there. */
export function TranscriptView({
  transcript,
  children,
}: {
  transcript: Transcript;
  children: ComponentChildren;
}) {
  const { items, turnId } = transcript;
  const scroller = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [limit, setLimit] = useState(SHOWN);
  const hidden = Math.max(0, items.length - limit);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && isAtEnd.current) element.scrollTop = element.scrollHeight;
  });

  return (
    <div
      class="transcript"
      ref={scroller}
      {...SCROLLABLE}
      role="log"
      aria-label="Messages"
      aria-busy={turnId !== undefined}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
      }}
    >
      <div class="items">
        {hidden > 0 && (
          <button type="button" class="quiet" onClick={() => setLimit(limit + SHOWN)}>
            Show earlier messages ({hidden})
          </button>
        )}
        {items.slice(hidden).map((item) => (
          <ItemView key={item.key} item={item} />
        ))}
        {children}
        <p class="working" role="status">
          {turnId !== undefined && 'Working …'}
        </p>
      </div>
    </div>
  );
}
