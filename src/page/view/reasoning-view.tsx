import { Markdown } from '../markdown/markdown.tsx';
import type { Reasoning } from '../transcript/transcript.ts';

/** Open as long as it streams, then folded away. */
export function ReasoningView({ reasoning: { sections, isOpen, isRaw } }: { reasoning: Reasoning }) {
  return (
    <details class="item reasoning" open={isOpen}>
      <summary>{isRaw ? 'Thoughts' : 'Reasoning'}</summary>
      {sections.map((text, index) => (
        <Markdown key={index} text={text} />
      ))}
    </details>
  );
}
