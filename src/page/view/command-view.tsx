import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { commandLine } from '../text/command-line.ts';
import { shortDuration } from '../text/numbers.ts';
import { readableOutput } from '../text/terminal-output.ts';
import { Visible, visibleText } from '../text/visible.tsx';
import type { Command } from '../transcript/transcript.ts';
import { CopyButton } from './copy-button.tsx';
import { SCROLLABLE } from './scrollable.ts';

/** Characters of an output that are shown at first. */
const SHOWN = 20_000;

export function CommandView({ item }: { item: Command }) {
  const { command, cwd, output } = item;
  const line = commandLine(command);
  return (
    <section class="item block command" aria-label="Command">
      <header>
        <code class="grow" title={visibleText(cwd)}>
          <span class="prompt">$ </span>
          <Visible text={line} />
        </code>
        <Outcome item={item} />
        <CopyButton text={line} what="command" />
      </header>
      {output !== '' && <Output text={readableOutput(output)} isRunning={item.state === 'running'} />}
    </section>
  );
}

function Outcome({ item: { state, exitCode, duration } }: { item: Command }) {
  if (state === 'running') return <span class="badge running">running</span>;
  if (state === 'asked') return <span class="badge asked">asked</span>;
  const time = duration === undefined || duration < 100 ? '' : shortDuration(duration);
  if (exitCode === 0) return <span class="badge">{time}</span>;
  return (
    <span class="badge failed">
      {[exitCode === -1 ? 'failed' : `exit ${exitCode}`, time].filter(Boolean).join(' · ')}
    </span>
  );
}

/** A window that stays at the end of what is printed. The beginning of a long output is shown on demand. */
function Output({ text, isRunning }: { text: string; isRunning: boolean }) {
  const [isWhole, setWhole] = useState(false);
  const box = useRef<HTMLElement>(null);
  const hidden = isWhole ? 0 : Math.max(0, text.length - SHOWN);
  useLayoutEffect(() => {
    if (isRunning && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text, isRunning]);
  return (
    <>
      {hidden > 0 && (
        <button type="button" class="quiet" onClick={() => setWhole(true)}>
          Show {hidden.toLocaleString('en')} earlier characters
        </button>
      )}
      <section class="output" {...SCROLLABLE} ref={box} aria-label="Output">
        <pre>
          <Visible text={text.slice(hidden)} />
        </pre>
      </section>
    </>
  );
}
