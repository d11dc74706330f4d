import { PlainText } from '../markdown/markdown.tsx';
import type { Patch } from '../transcript/transcript.ts';
import { FileChangesView } from './file-changes-view.tsx';

const STATES = { asked: 'asked', running: 'applying', applied: '', failed: 'failed' };

export function PatchView({ patch: { changes, state, problem } }: { patch: Patch }) {
  const count = Object.keys(changes).length;
  return (
    <section class="item block patch" aria-label="Patch">
      <header>
        <span class="grow">{count === 1 ? 'Change' : `Changes to ${count} files`}</span>
        <span class={`badge ${state}`}>{STATES[state]}</span>
      </header>
      <FileChangesView changes={changes} />
      {problem !== '' && <PlainText text={problem} />}
    </section>
  );
}
