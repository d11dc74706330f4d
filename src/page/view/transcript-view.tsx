import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Question } from '../state/questions.ts';
import type { Transcript } from '../transcript/transcript.ts';
import { ApprovalCard } from './approval-card.tsx';
import { ItemView } from './item-view.tsx';
import { SCROLLABLE } from './scrollable.ts';

/** Pixels from the end within which the view goes along with what comes. */
const NEAR_END = 80;

/** Items that are shown at first; the ones before them on demand. */
const SHOWN = 300;

interface Parts {
  readonly transcript: Transcript;
  readonly questions: readonly Question[];
}

/** What happened, in order, and below it what is asked. It stays at the end for who was there. */
export function TranscriptView({ transcript, questions }: Parts) {
  const { items, turnId } = transcript;
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const [limit, setLimit] = useState(SHOWN);
  const hidden = Math.max(0, items.length - limit);
  const last = items.at(-1);

  // Who has said something wants to see what comes of it.
  useLayoutEffect(() => {
    if (last?.kind === 'user') setAtEnd(true);
  }, [last?.key]);
  useLayoutEffect(() => {
    if (isAtEnd) scrollToEnd(scroller.current);
  });

  return (
    <div class="transcript-frame">
      <div
        class="transcript"
        ref={scroller}
        {...SCROLLABLE}
        role="log"
        aria-label="Messages"
        aria-busy={turnId !== undefined}
        onScroll={({ currentTarget }) => setAtEnd(distanceToEnd(currentTarget) < NEAR_END)}
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
          {questions.map((question) => (
            <ApprovalCard key={question.approval.approvalId} question={question} />
          ))}
          <p class="working" role="status">
            {turnId !== undefined && (questions.length > 0 ? 'Waiting for an answer' : 'Working …')}
          </p>
        </div>
      </div>
      {!isAtEnd && (
        <button type="button" class="to-end" onClick={() => setAtEnd(true)}>
          {questions.length > 0 ? 'You are asked something ↓' : 'To the end ↓'}
        </button>
      )}
    </div>
  );
}

const distanceToEnd = ({ scrollTop, scrollHeight, clientHeight }: HTMLElement): number =>
  scrollHeight - scrollTop - clientHeight;

function scrollToEnd(element: HTMLElement | null): void {
  if (element) element.scrollTop = element.scrollHeight;
}
