import { Visible, visibleText } from '../text/visible.tsx';
import { CopyButton } from '../view/copy-button.tsx';
import { Diff } from '../view/diff.tsx';
import { SCROLLABLE } from '../view/scrollable.ts';

export function CodeBlock({ code, language }: { code: string; language: string }) {
  const name = visibleText(language.slice(0, 30));
  return (
    <figure class="code">
      <figcaption>
        <span>{name}</span>
        <CopyButton text={code} what="code" />
      </figcaption>
      {language === 'diff' ? (
        <Diff text={code} />
      ) : (
        <pre {...SCROLLABLE}>
          <code>
            <Visible text={code.replace(/\n$/, '')} />
          </code>
        </pre>
      )}
    </figure>
  );
}
