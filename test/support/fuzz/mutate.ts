import fc from 'fast-check';

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

/** What programs trip over: other types, far too large, hostile names, half characters. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    1.5,
    2 ** 53,
    1e308,
    true,
    [],
    {},
    '\u0000',
    '\ud800',
    '../../etc/passwd',
    '%00',
    '__proto__',
    'constructor',
    'x'.repeat(70_000),
  ),
  fc.constantFrom(63, 64, 65, 500).map((levels) => JSON.parse(deep(levels))),
  fc.jsonValue({ maxDepth: 3 }),
);

/** A value that is nearly right: somewhere in it something is replaced, missing or too much. */
export function mutated(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(valid, fc.array(fc.nat(5), { maxLength: 4 }), junk, fc.constantFrom('replace', 'remove', 'add'))
    .map(([value, path, piece, action]) => mutateAt(value, path, piece, action));
}

function mutateAt(
  value: unknown,
  [step, ...rest]: readonly number[],
  piece: unknown,
  action: string,
): unknown {
  if (step === undefined || typeof value !== 'object' || value === null) return piece;
  const entries = Object.entries(value);
  const [name, member] = entries[step % Math.max(1, entries.length)] ?? [];
  const isHere = name === undefined || rest.length === 0;
  if (isHere && action === 'add') return rebuilt(value, [...entries, ['extra', piece]]);
  if (isHere && action === 'remove')
    return rebuilt(
      value,
      entries.filter(([other]) => other !== name),
    );
  const changed = isHere ? piece : mutateAt(member, rest, piece, action);
  return rebuilt(
    value,
    entries.map(([other, old]) => [other, other === name ? changed : old]),
  );
}

const rebuilt = (like: object, entries: [string, unknown][]): unknown =>
  Array.isArray(like) ? entries.map(([, value]) => value) : Object.fromEntries(entries);

/** Texts that are nearly JSON-RPC. */
export const brokenText: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.constantFrom(
    '',
    '[]',
    '[[]]',
    '{}',
    'null',
    '"',
    '{"id":1}',
    '{"id":1,"method":1}',
    '{"id":{},"method":"getUserAgent"}',
    '{"id":1,"method":"getUserAgent","params":[]}',
    '{"id":1,"method":"__proto__"}',
    '{"id":1,"method":"toString","params":{}}',
    '{"__proto__":{"polluted":1},"id":1,"method":"getUserAgent"}',
    '{"id":1e999,"method":"getUserAgent"}',
    '{"jsonrpc":"1.0","id":1,"method":"getUserAgent"}',
    '{"id":"late","result":{"decision":"approved"}}',
    `[${'{"method":"getUserAgent"},'.repeat(100)}{}]`,
    deep(100_000),
  ),
  fc.jsonValue().map((id) => JSON.stringify({ id, method: 'getUserAgent', params: {} })),
);
