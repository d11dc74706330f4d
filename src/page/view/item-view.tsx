import { memo } from 'preact/compat';
import { Markdown, PlainText } from '../markdown/markdown.tsx';
import { readLink } from '../text/link.ts';
import { Visible } from '../text/visible.tsx';
import type { Item, Notice, Plan, ToolCall, UserMessage } from '../transcript/transcript.ts';
import { CommandView } from './command-view.tsx';
import { Diff } from './diff.tsx';
import { PatchView } from './patch-view.tsx';
import { ReasoningView } from './reasoning-view.tsx';

/** One entry of a transcript. Folding makes new items, so that one which is the same looks the same. */
export const ItemView = memo(({ item }: { item: Item }) => {
  switch (item.kind) {
    case 'user':
      return <UserView message={item} />;
    case 'agent':
      return (
        <article class="item agent" aria-label="Answer">
          <Markdown text={item.text} />
        </article>
      );
    case 'reasoning':
      return <ReasoningView reasoning={item} />;
    case 'command':
      return <CommandView item={item} />;
    case 'patch':
      return <PatchView patch={item} />;
    case 'plan':
      return <PlanView plan={item} />;
    case 'tool':
      return <ToolView call={item} />;
    case 'search':
      return (
        <p class="item notice quiet">
          Searched the web: <Visible text={item.query} />
        </p>
      );
    case 'diff':
      return (
        <details class="item block">
          <summary>All changes of this turn</summary>
          <Diff text={item.text} />
        </details>
      );
    case 'notice':
      return <NoticeView notice={item} />;
  }
});

function UserView({ message: { text, images } }: { message: UserMessage }) {
  return (
    <article class="item user" aria-label="Message">
      {text !== '' && <PlainText text={text} />}
      {images.map((url, index) => (
        <Picture key={index} url={url} />
      ))}
    </article>
  );
}

/** Only pictures that are in the message itself are shown: others would tell their host who looks, and when. */
function Picture({ url }: { url: string }) {
  if (/^data:image\/(png|jpe?g|gif|webp|bmp|avif)[;,]/i.test(url)) return <img src={url} alt="Attached" />;
  const link = readLink(url);
  if (!link) return <p class="notice quiet">A picture in a form that is not shown here</p>;
  return (
    <a href={link.href} target="_blank" rel="noopener noreferrer">
      Picture at {link.target}
    </a>
  );
}

const SIGNS = { pending: '○', in_progress: '◐', completed: '●' };
const STATUSES = { pending: 'to do', in_progress: 'in progress', completed: 'done' };

function PlanView({ plan: { explanation, steps } }: { plan: Plan }) {
  return (
    <section class="item block plan" aria-label="Plan">
      <h2>Plan</h2>
      {explanation && (
        <p>
          <Visible text={explanation} />
        </p>
      )}
      <ul>
        {steps.map(({ step, status }, index) => (
          <li key={index} class={status}>
            <span class="sign" role="img" aria-label={STATUSES[status]}>
              {SIGNS[status]}
            </span>
            <span>
              <Visible text={step} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ToolView({ call: { invocation, result } }: { call: ToolCall }) {
  const { server, tool } = invocation;
  const failure = result && 'Err' in result ? result.Err : undefined;
  const state = failure === undefined ? (result ? '' : 'running') : 'failed';
  return (
    <details class="item block">
      <summary>
        <span class="grow">
          <Visible text={`${server}: ${tool}`} />
        </span>
        <span class={`badge ${state}`}>{state}</span>
      </summary>
      <PlainText text={JSON.stringify(invocation.arguments, null, 2) ?? ''} />
      {result && (
        <PlainText text={failure ?? JSON.stringify('Ok' in result ? result.Ok : null, null, 2) ?? ''} />
      )}
    </details>
  );
}

const NoticeView = ({ notice: { tone, text } }: { notice: Notice }) => (
  <p class={`item notice ${tone}`} role={tone === 'error' ? 'alert' : undefined}>
    <Visible text={text} />
  </p>
);
