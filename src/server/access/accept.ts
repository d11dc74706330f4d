import type { IncomingMessage } from 'node:http';

/** Whether the client would rather have a page than JSON, as browsers say when somebody goes to an address. */
export function prefersHtml({ headers }: IncomingMessage): boolean {
  const ranges = (headers.accept ?? '').split(',').map(parseRange);
  return quality(ranges, 'text/html') > quality(ranges, 'application/json');
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { type, quality: weight === undefined ? 1 : Number(weight) || 0 };
}

/** The most specific range that covers the type counts (RFC 9110, section 12.5.1). */
function quality(ranges: readonly Range[], type: string): number {
  const covering = [type, `${type.split('/')[0]}/*`, '*/*'];
  for (const range of covering) {
    const found = ranges.find((candidate) => candidate.type === range);
    if (found) return found.quality;
  }
  return 0;
}
