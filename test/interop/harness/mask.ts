import { isRecord } from './json.ts';

/** Replaces, in a whole JSON value, what differs between two runs of one implementation. */
export type Mask = <T>(value: T) => T extends string ? string : unknown;

/**
 * Each pattern covers a time, a duration, an id or a version, and nothing else. Dates before 2025 and ids of zeros are
 * what cases write themselves (`stored-conversation.ts`); they are the same in every run and stay.
 */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(?!0{8})[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>'],
  [/\bsessions\/20(2[5-9]|[3-9]\d)\/\d\d\/\d\d\b/g, 'sessions/<day>'],
  [/20(2[5-9]|[3-9]\d)-\d\d-\d\dT\d\d-\d\d-\d\d/g, '<time>'],
  [/20(2[5-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>'],
  [/"duration_seconds":\d+\.\d/g, '"duration_seconds":<seconds>'],
  [/timed out after \d+ milliseconds/g, 'timed out after <ms> milliseconds'],
  [/(?<=codex_cli_rs\/)\d+\.\d+\.\d+/g, '<version>'],
];

const BACKOFF_BASE_MS = 200;
const BACKOFF_JITTER = 0.1;

/** `names` are values of the run at hand; of two that overlap, the longer one counts. */
export function createMask(names: ReadonlyMap<string, string>): Mask {
  const known = [...names].sort(([a], [b]) => b.length - a.length);

  const maskText = (text: string): string => {
    let masked = text;
    for (const [value, name] of known) masked = masked.replaceAll(value, name);
    for (const [pattern, name] of PATTERNS) masked = masked.replace(pattern, name);
    return masked.replace(/retrying (\d+)\/(\d+) in ([\d.]+)(ms|s)…/g, maskBackoff);
  };

  const maskValue = (value: unknown): unknown => {
    if (typeof value === 'string') return maskText(value);
    if (Array.isArray(value)) return value.map(maskValue);
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [maskText(key), maskMember(key, inner)]),
    );
  };

  const maskMember = (key: string, value: unknown): unknown => {
    if (key === 'duration' && isLapse(value)) return '<duration>';
    if (key === 'history_log_id' && value !== 0) return '<inode>';
    if (key === 'cli_version' || key === 'version') return '<version>';
    return maskValue(value);
  };

  return maskValue as Mask;
}

/** A duration that was measured. Zero stands for "nothing ran" and stays. */
function isLapse(value: unknown): boolean {
  if (!isRecord(value) || Object.keys(value).length !== 2) return false;
  const { secs, nanos } = value;
  return Number.isInteger(secs) && Number.isInteger(nanos) && (secs !== 0 || nanos !== 0);
}

/** Covers a delay that doubles with every attempt (protocol-v1, section 10); any other stays visible. */
function maskBackoff(text: string, attempt: string, most: string, amount: string, unit: string): string {
  const delay = Number(amount) * (unit === 's' ? 1000 : 1);
  const expected = BACKOFF_BASE_MS * 2 ** (Number(attempt) - 1);
  const isBackoff = Math.abs(delay - expected) <= expected * BACKOFF_JITTER + 1;
  return isBackoff ? `retrying ${attempt}/${most} in <backoff>…` : text;
}
