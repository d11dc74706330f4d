const SCHEMES = new Set(['http:', 'https:', 'mailto:']);

export interface SafeLink {
  readonly href: string;
  /** Where it leads: the whole host, or the address of a mail. Names in other scripts are in their plain form. */
  readonly target: string;
}

/** A link that may be followed; `undefined` for one that may not, or that has no meaning here. */
export function readLink(href: string): SafeLink | undefined {
  const url = URL.parse(href);
  if (!url || !SCHEMES.has(url.protocol)) return undefined;
  return { href: url.href, target: url.protocol === 'mailto:' ? url.pathname : url.host };
}
