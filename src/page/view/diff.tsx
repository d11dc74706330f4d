import { useMemo, useState } from 'preact/hooks';
import { readDiff } from '../text/diff-lines.ts';
import { Visible } from '../text/visible.tsx';
import { SCROLLABLE } from './scrollable.ts';

/** Lines that are shown at first. */
const SHOWN = 400;

/** A unified diff, line by line. With `whole`, nothing of it is folded away. */
export function Diff({ text, whole = false }: { text: string; whole?: boolean }) {
  const [isWhole, setWhole] = useState(whole);
  const lines = useMemo(() => readDiff(text), [text]);
  const isNumbered = lines.some(({ before, after }) => before !== undefined || after !== undefined);
  const rest = lines.length - SHOWN;
  const shown = isWhole || rest <= 0 ? lines : lines.slice(0, SHOWN);
  return (
    <>
      <section class="diff" {...SCROLLABLE} aria-label="Changes">
        <div class="lines">
          {shown.map(({ kind, text: line, before, after }, index) => (
            <div key={index} class={`line ${kind}`}>
              {isNumbered && <LineNumbers before={before} after={after} />}
              <span class="text">
                <Visible text={line} />
              </span>
            </div>
          ))}
        </div>
      </section>
      {shown.length < lines.length && (
        <button type="button" class="quiet" onClick={() => setWhole(true)}>
          Show {rest} more lines
        </button>
      )}
    </>
  );
}

const LineNumbers = ({ before, after }: { before: number | undefined; after: number | undefined }) => (
  <>
    <span class="number">{before}</span>
    <span class="number">{after}</span>
  </>
);
