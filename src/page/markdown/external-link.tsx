import type { ComponentChildren } from 'preact';
import { readLink } from '../text/link.ts';
import { Visible, visibleText } from '../text/visible.tsx';

/** A link of the model, with the host that it leads to. What may not be followed is shown as text with its address. */
export function ExternalLink({ href, children }: { href: string; children: ComponentChildren }) {
  const link = readLink(href);
  if (!link) {
    return (
      <span class="dead-link" title="not a web address">
        {children} <Visible text={`(${href})`} />
      </span>
    );
  }
  return (
    <a href={link.href} title={visibleText(link.href)} target="_blank" rel="noopener noreferrer">
      {children}
      <span class="host">{link.target}</span>
    </a>
  );
}
