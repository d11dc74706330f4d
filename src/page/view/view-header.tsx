import type { ComponentChildren } from 'preact';
import { Visible } from '../text/visible.tsx';

interface Parts {
  readonly title: string;
  /** Below the title, smaller. */
  readonly detail?: string | undefined;
  /** What may be done here. */
  readonly children?: ComponentChildren;
}

export function ViewHeader({ title, detail, children }: Parts) {
  return (
    <header class="view-header">
      <a class="back" href="#/" aria-label="Back to the list">
        ‹
      </a>
      <div class="titles">
        <h1>
          <Visible text={title} />
        </h1>
        {detail && (
          <p title={detail}>
            <Visible text={detail} />
          </p>
        )}
      </div>
      <div class="actions">{children}</div>
    </header>
  );
}
