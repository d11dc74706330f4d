import MarkdownIt, { type Token } from 'markdown-it';
import type { ComponentChildren, VNode } from 'preact';
import { h } from 'preact';
import { useMemo } from 'preact/hooks';
import { Visible } from '../text/visible.tsx';
import { SCROLLABLE } from '../view/scrollable.ts';
import { CodeBlock } from './code-block.tsx';
import { ExternalLink } from './external-link.tsx';

/** Longer texts are shown as they are: reading them as Markdown would hold up the page. */
const MAX_READ = 100_000;

const parser = new MarkdownIt({ html: false, linkify: true });

/** Headings of a message are below those of the page. */
const TAGS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['p', 'ul', 'li', 'blockquote', 'strong', 'em', 's', 'thead', 'tbody', 'tr', 'th', 'td'].map((tag) => [
      tag,
      tag,
    ]),
  ),
  h1: 'h3',
  h2: 'h4',
  h3: 'h5',
  h4: 'h6',
  h5: 'h6',
  h6: 'h6',
};

/**
 * Markdown of the model. No HTML is made of it at any time: what the parser finds becomes elements from a short list,
 * and all text stays text (SEC-UI-2).
 */
export function Markdown({ text }: { text: string }) {
  const content = useMemo(
    () => (text.length > MAX_READ ? undefined : toNodes(parser.parse(text, {}))),
    [text],
  );
  return <div class="markdown">{content ?? <PlainText text={text} />}</div>;
}

export const PlainText = ({ text }: { text: string }) => (
  <pre class="plain">
    <Visible text={text} />
  </pre>
);

interface Open {
  readonly token: Token | undefined;
  readonly children: ComponentChildren[];
}

/** Tokens come flat, with one where an element begins and one where it ends. */
function toNodes(tokens: readonly Token[]): ComponentChildren[] {
  const root: Open = { token: undefined, children: [] };
  const stack = [root];
  for (const token of tokens) {
    const top = stack.at(-1) ?? root;
    if (token.nesting === 1) stack.push({ token, children: [] });
    else if (token.nesting === 0) top.children.push(toLeaf(token));
    else if (top.token) {
      stack.pop();
      (stack.at(-1) ?? root).children.push(toElement(top.token, top.children));
    }
  }
  return root.children;
}

function toElement(token: Token, children: ComponentChildren[]): ComponentChildren {
  // A paragraph of a list without blank lines.
  if (token.hidden) return children;
  if (token.tag === 'a') return <ExternalLink href={attribute(token, 'href')}>{children}</ExternalLink>;
  if (token.tag === 'ol') return <ol start={Number(attribute(token, 'start') || 1)}>{children}</ol>;
  if (token.tag === 'table') return <Table>{children}</Table>;
  const tag = TAGS[token.tag];
  return tag === undefined ? children : h(tag, alignment(token), ...children);
}

const Table = ({ children }: { children: ComponentChildren }) => (
  <section class="scrolls" {...SCROLLABLE} aria-label="Table">
    <table>{children}</table>
  </section>
);

/** The parser gives it as a style, which the page's policy does not allow. */
function alignment(token: Token): { class?: string } {
  const side = /text-align:(right|center)/.exec(attribute(token, 'style'))?.[1];
  return side === undefined ? {} : { class: `align-${side}` };
}

function toLeaf(token: Token): ComponentChildren {
  switch (token.type) {
    case 'inline':
      return toNodes(token.children ?? []);
    case 'text':
      return <Visible text={token.content} />;
    case 'code_inline':
      return (
        <code>
          <Visible text={token.content} />
        </code>
      );
    case 'fence':
      return <CodeBlock code={token.content} language={token.info.trim().split(/\s/)[0] ?? ''} />;
    case 'code_block':
      return <CodeBlock code={token.content} language="" />;
    case 'softbreak':
      return '\n';
    case 'hardbreak':
      return <br />;
    case 'hr':
      return <hr />;
    case 'image':
      return toPictureLink(token);
    default:
      return <Visible text={token.content} />;
  }
}

/** A picture from elsewhere would tell that place what is said here, so that it is only loaded when it is asked for. */
function toPictureLink(token: Token): VNode {
  const text = token.content === '' ? 'picture' : token.content;
  return (
    <ExternalLink href={attribute(token, 'src')}>
      <Visible text={`🖼 ${text}`} />
    </ExternalLink>
  );
}

const attribute = (token: Token, name: string): string => String(token.attrGet(name) ?? '');
