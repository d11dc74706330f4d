import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import { ConfigError } from './load.ts';

/** Keys from the root of the document; a number stands for an element of an array of tables. */
export type TomlPath = readonly (string | number)[];

/** `key = value`, on lines of its own or inside of an inline table. */
export interface Entry {
  readonly path: TomlPath;
  /** Path of the table whose header, or braces, it stands below. */
  readonly within: TomlPath;
  readonly node: AST.TOMLKeyValue;
}

/** `[a.b]` or `[[a.b]]`. */
export interface Header {
  readonly path: TomlPath;
  readonly node: AST.TOMLTable;
}

/** A TOML text and where its parts are. */
export interface TomlDocument {
  readonly text: string;
  /** What stands on lines of its own, in the order of the text. */
  readonly statements: readonly (Entry | Header)[];
  /** Of inline tables, too. */
  readonly entries: readonly Entry[];
  readonly headers: readonly Header[];
  readonly comments: readonly string[];
}

/** Throws `ConfigError` of kind `syntax`. */
export function parseDocument(text: string): TomlDocument {
  const program = parse(text);
  const statements = program.body.flatMap(({ body }) => body.flatMap(statementsOf));
  return {
    text,
    statements,
    entries: statements.filter(isEntry).flatMap(withInner),
    headers: statements.filter(isHeader),
    comments: program.comments.map(({ value }) => value),
  };
}

export function isEntry(statement: Entry | Header): statement is Entry {
  return statement.node.type === 'TOMLKeyValue';
}

function isHeader(statement: Entry | Header): statement is Header {
  return !isEntry(statement);
}

export function isBelow(path: TomlPath, ancestor: TomlPath): boolean {
  return path.length > ancestor.length && isPrefix(ancestor, path);
}

/** Also of itself. */
export function isPrefix(prefix: TomlPath, path: TomlPath): boolean {
  return prefix.every((key, index) => path[index] === key);
}

export function isSame(a: TomlPath, b: TomlPath): boolean {
  return a.length === b.length && isPrefix(a, b);
}

function parse(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { lineNumber: line, column } = error;
    // No cause and no words of the parser: they may quote a secret.
    throw new ConfigError('syntax', `TOML parse error at line ${line}, column ${column + 1}`, {
      line,
      column,
    });
  }
}

function statementsOf(node: AST.TOMLKeyValue | AST.TOMLTable): (Entry | Header)[] {
  if (node.type === 'TOMLKeyValue') return [entryOf(node, [])];
  const path = node.resolvedKey;
  return [{ path, node }, ...node.body.map((inner) => entryOf(inner, path))];
}

function entryOf(node: AST.TOMLKeyValue, within: TomlPath): Entry {
  return { path: [...within, ...node.key.keys.map(nameOf)], within, node };
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === 'TOMLBare' ? key.name : key.value;
}

function withInner(entry: Entry): Entry[] {
  const { value } = entry.node;
  if (value.type !== 'TOMLInlineTable') return [entry];
  return [entry, ...value.body.flatMap((inner) => withInner(entryOf(inner, entry.path)))];
}
