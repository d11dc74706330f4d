import type { z } from 'zod';
import { ConfigError } from './load.ts';

type Issue = z.core.$ZodIssue;

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'a boolean',
  array: 'a sequence',
  record: 'a map',
  object: 'a map',
  number: 'an integer',
  int: 'an integer',
};

/** The fault whose key sorts first, in the words that the reference uses (observed, section 19.2). */
export function schemaError(issues: readonly Issue[]): ConfigError {
  const [first] = issues.toSorted((a, b) => (keyOf(a.path) < keyOf(b.path) ? -1 : 1));
  if (first === undefined) throw new Error('a failed parse has at least one issue');
  const missing = first.input === undefined;
  const place = missing ? first.path.slice(0, -1) : first.path;
  const fault = missing ? `missing field \`${String(first.path.at(-1))}\`` : faultOf(first);
  return new ConfigError('type', `${fault}\nin \`${keyOf(place)}\`\n`, { key: keyOf(first.path) });
}

/** Indices of lists are left out: a list has no keys. */
function keyOf(path: readonly PropertyKey[]): string {
  return path.filter((part) => typeof part === 'string').join('.');
}

function faultOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.input, EXPECTED[issue.expected] ?? issue.expected);
    case 'invalid_value':
      return wrongVariant(issue.input, issue.values.map(String));
    case 'too_small':
      return `invalid value: ${kindOf(issue.input)}, expected a non-negative integer`;
    case 'too_big':
      return `invalid value: ${kindOf(issue.input)}, expected at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function wrongVariant(input: unknown, variants: readonly string[]): string {
  if (typeof input !== 'string') return wrongType(input, 'a string');
  const quoted = variants.map((variant) => `\`${variant}\``);
  const expected = quoted.length === 2 ? quoted.join(' or ') : `one of ${quoted.join(', ')}`;
  return `unknown variant \`${input}\`, expected ${expected}`;
}

function wrongType(input: unknown, expected: string): string {
  // Text in place of headers, variables or arguments may be a secret; elsewhere showing it helps.
  const quotable = expected !== 'a map' && expected !== 'a sequence';
  return `invalid type: ${typeof input === 'string' && !quotable ? 'string' : kindOf(input)}, expected ${expected}`;
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return `string ${JSON.stringify(value)}`;
  if (typeof value === 'boolean') return `boolean \`${value}\``;
  if (typeof value === 'number')
    return `${Number.isInteger(value) ? 'integer' : 'floating point'} \`${value}\``;
  if (value === null) return 'null';
  return Array.isArray(value) ? 'sequence' : 'map';
}
