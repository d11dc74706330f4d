import fc from 'fast-check';

/** Text of a `config.toml`: any keys of any kind, comments everywhere, and perhaps the keys that are to be changed. */
export interface TomlFile {
  readonly text: string;
  /** The profile that the file names. */
  readonly profile: string | undefined;
}

const word = fc.stringMatching(/^[a-z]{1,6}$/);
const comment = fc.stringMatching(/^[ -~é]{0,12}$/).map((text) => `#${text}`);
const behind = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  comment.map((text) => ` ${text}`),
);
const between = fc.array(fc.oneof(comment, fc.constantFrom('', '  ')), { maxLength: 2 });
const space = fc.constantFrom('', ' ', '  ', '\t');

const text = fc.oneof(
  fc.string().map((value) => JSON.stringify(value.toWellFormed()).replaceAll('\x7f', '')),
  word.map((value) => `'${value}#='`),
  word.map((value) => `"""\n${value} # no comment\nmodel = "no key"\n"""`),
  word.map((value) => `'''\n[${value}]\n'''`),
);
const line = text.filter((value) => !value.includes('\n'));
const simple = fc.oneof(
  text,
  fc.integer().map(String),
  fc.constantFrom('true', '1.5', 'inf', '0xff', '1979-05-27T07:32:00Z', '07:32:00', '[]', '{}'),
);
const list = fc
  .array(fc.tuple(fc.integer().map(String), comment), { minLength: 1, maxLength: 3 })
  .map((items) => `[\n${items.map(([value, remark]) => `  ${value}, ${remark}\n`).join('')}]`);
const inline = fc
  .array(simple, { minLength: 1, maxLength: 3 })
  .map((values) => `{ ${values.map((value, index) => `i${index} = ${value}`).join(', ')} }`)
  .filter((table) => !table.includes('\n'));
const value = fc.oneof(simple, list, inline);

/** A key that has not been used, in one of the ways to write it. */
const keyOf = (name: string) =>
  fc.constantFrom(name, `"${name}"`, `'${name}'`, `${name}.sub`, `${name} . "s.b".model`);

const entry = (name: string) =>
  fc
    .tuple(between, fc.constantFrom('', '  '), keyOf(name), space, space, value, behind)
    .map(([above, indent, key, left, right, content, remark]) => [
      ...above,
      `${indent}${key}${left}=${right}${content}${remark}`,
    ]);

const entries = (prefix: string, maxLength: number) =>
  fc
    .nat({ max: maxLength })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => entry(`${prefix}${index}`))))
    .map((all) => all.flat());

const model: fc.Arbitrary<string[]> = fc.oneof(
  fc.constant<string[]>([]),
  fc
    .tuple(space, space, line, behind)
    .map(([left, right, content, remark]) => [`model${left}=${right}${content}${remark}`]),
);
const effort: fc.Arbitrary<string[]> = fc.oneof(
  fc.constant<string[]>([]),
  fc.tuple(between, behind).map(([above, remark]) => [...above, `"model_reasoning_effort"="low"${remark}`]),
);

const table = (header: string, prefix: string) =>
  fc
    .tuple(between, behind, entries(prefix, 2))
    .map(([above, remark, own]) => [...above, header + remark, ...own]);

const NAME = 'p q';
const PATH = `profiles."${NAME}"`;

/** Lines of the top level, and lines of tables, that the profile is written in. */
interface Form {
  readonly top: string[];
  readonly tables: string[];
}

const profileForms: fc.Arbitrary<Form> = fc.oneof(
  fc.constant<Form>({ top: [], tables: [] }),
  fc
    .tuple(model, effort, entries('own', 2))
    .map((parts) => ({ top: [], tables: [`[${PATH}] # own`, ...parts.flat()] })),
  line.map((content) => ({ top: [`${PATH}.model = ${content}`, `profiles.other.model = "x"`], tables: [] })),
  inline.map((content) => ({ top: [`${PATH} = ${content} # in line`], tables: [] })),
  inline.map((content) => ({ top: [`profiles = { other = ${content} } # in line`], tables: [] })),
  table('[profiles.other]', 'other').map((tables) => ({ top: [], tables })),
  table(`[${PATH}.inner]`, 'inner').map((tables) => ({ top: [], tables })),
);

const layout = fc.record({ newline: fc.constantFrom('\n', '\r\n'), isEnded: fc.boolean() });

function file(
  parts: readonly string[][],
  profile: string | undefined,
  shape: { newline: string; isEnded: boolean },
): TomlFile {
  const joined = parts.flat().join('\n') + (shape.isEnded ? '\n' : '');
  return { text: joined.replaceAll('\n', shape.newline), profile };
}

const tables = fc
  .tuple(table('[t.u]', 't'), table('[[a.r]]', 'r'), table('[[a.r]]', 's'), table('[model_providers.x]', 'x'))
  .chain((all) => fc.shuffledSubarray(all))
  .map((all) => all.flat());

export const tomlFiles: fc.Arbitrary<TomlFile> = fc.oneof(
  fc
    .tuple(entries('a', 3), model, entries('b', 2), effort, tables, between, layout)
    .map(([a, m, b, e, t, end, shape]) => file([a, m, b, e, t, end], undefined, shape)),
  fc
    .tuple(entries('a', 3), model, profileForms, tables, between, layout)
    .map(([a, m, form, t, end, shape]) =>
      file([[`profile = "${NAME}"`], a, m, form.top, form.tables, t, end], NAME, shape),
    ),
);
