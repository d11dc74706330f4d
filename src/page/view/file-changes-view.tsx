import type { FileChanges } from '../../protocol/vocabulary/event-parts.ts';
import { type ShownChange, showChanges } from '../text/file-changes.ts';
import { Visible } from '../text/visible.tsx';
import { Diff } from './diff.tsx';

const WORDS = { A: 'added', D: 'deleted', M: 'changed', R: 'moved' };

/** Changed files, each with its diff. With `whole`, nothing is folded away. */
export function FileChangesView({ changes, whole = false }: { changes: FileChanges; whole?: boolean }) {
  return (
    <>
      {showChanges(changes).map((change) => (
        <div key={change.path} class="file-change">
          <FileName change={change} />
          {change.diff !== '' && <Diff text={change.diff} whole={whole} />}
        </div>
      ))}
    </>
  );
}

function FileName({ change: { path, movedTo, sign, added, removed } }: { change: ShownChange }) {
  return (
    <div class="file-name">
      <span class={`sign ${sign}`} role="img" aria-label={WORDS[sign]} title={WORDS[sign]}>
        {sign}
      </span>
      <code class="grow">
        <Visible text={movedTo === undefined ? path : `${path} → ${movedTo}`} />
      </code>
      <span class="added">+{added}</span>
      <span class="removed">−{removed}</span>
    </div>
  );
}
