/** Takes secrets out of text, wherever in the text they stand. */
export interface Redactor {
  /** From now on the value is replaced. Values shorter than 8 characters are ignored: they would hit ordinary text. */
  register(secret: string): void;
  forget(secret: string): void;
  redact(text: string): string;
}

export const CENSOR = '[redacted]';

const MIN_LENGTH = 8;

/**
 * The list of SEC-RED-1. Each keeps what stands before (`$1`) and after the secret, so that a line of JSON stays one, and each
 * begins with a fixed text or has an upper bound: hostile text must not make the search quadratic.
 */
const PATTERNS: readonly RegExp[] = [
  /()sk-[A-Za-z0-9_-]{20,}/g,
  /()cdx_[A-Za-z0-9_-]{40,}/g,
  /()eyJ[A-Za-z0-9_-]{10,1024}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*/g,
  // `Bearer $(codexd token)` is the documented command line and no secret.
  /(Bearer\s+)(?!\$\(|\[redacted\])[^\s"'\\,;]+/gi,
  /()gh[pousr]_[A-Za-z0-9]{30,}/g,
  /(:\/\/)[^\s"'\\/@]+(?=@)/g,
  /([?&](?:token|code|key|access_token)=)[^\s"'\\&#]+/gi,
];

/** In whatever one of the patterns takes out; most lines have none of it, which one look tells. */
const SUSPICIOUS = /sk-|cdx_|eyJ|Bearer|gh[pousr]_|:\/\/|[?&](?:token|code|key|access_token)=/i;

export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  let known: RegExp | undefined;

  const rebuild = () => {
    known = secrets.size === 0 ? undefined : new RegExp(alternatives(secrets), 'g');
  };
  return {
    register(secret) {
      if (secret.length < MIN_LENGTH || secrets.has(secret)) return;
      secrets.add(secret);
      rebuild();
    },
    forget(secret) {
      if (secrets.delete(secret)) rebuild();
    },
    redact(text) {
      const exact = known === undefined ? text : text.replace(known, CENSOR);
      if (!SUSPICIOUS.test(exact)) return exact;
      return PATTERNS.reduce((rest, pattern) => rest.replace(pattern, `$1${CENSOR}`), exact);
    },
  };
}

/** The longest first, because one secret may begin with another; each also as it stands inside a JSON string. */
function alternatives(secrets: Iterable<string>): string {
  return [...secrets]
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .sort((a, b) => b.length - a.length)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
    .join('|');
}
