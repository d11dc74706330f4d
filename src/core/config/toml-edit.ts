import { ConfigError } from './load.ts';
import {
  type Entry,
  type Header,
  isBelow,
  isEntry,
  isPrefix,
  isSame,
  parseDocument,
  type TomlDocument,
  type TomlPath,
} from './toml-document.ts';

/**
 * Gives one key of a table a text as value, or takes the key out. Everything else keeps its bytes, comments included. New
 * keys and tables go where the reference puts them (protocol-v1, section 19.3).
 * @param table keys of the table from the root; it is made when it is missing
 * @throws ConfigError of kind `type` when a table stands where the value is to be, or a value where a table is
 */
export function setKey(
  text: string,
  table: readonly string[],
  key: string,
  value: string | undefined,
): string {
  const document = parseDocument(text);
  const path = [...table, key];
  requireRoom(document, path);
  const entry = document.entries.find((candidate) => isSame(candidate.path, path));
  if (entry === undefined)
    return value === undefined ? text : insert(document, table, key, tomlString(value));
  return value === undefined ? remove(text, entry) : replaceValue(text, entry, tomlString(value));
}

function requireRoom({ entries, headers }: TomlDocument, path: readonly string[]): void {
  const isTable = (at: TomlPath): boolean =>
    entries.some((entry) => isBelow(entry.path, at)) || headers.some((header) => isPrefix(at, header.path));
  if (isTable(path)) throw misplaced(path, 'a table');
  const above = path.slice(0, -1).map((_, index) => path.slice(0, index + 1));
  for (const table of above) {
    const isValue = entries.some(
      ({ path: at, node }) => isSame(at, table) && node.value.type !== 'TOMLInlineTable',
    );
    const isArray = headers.some(
      ({ path: at }) => isBelow(at, table) && typeof at[table.length] === 'number',
    );
    if (isValue || isArray) throw misplaced(table, 'not a table');
  }
}

function misplaced(path: readonly string[], what: string): ConfigError {
  const key = path.join('.');
  return new ConfigError('type', `\`${key}\` is ${what}`, { key });
}

/** In single quotes where that saves escapes; else in double quotes: TOML knows all escapes of JSON, and wants one more. */
function tomlString(value: string): string {
  if (/["\\]/.test(value) && value.isWellFormed() && !/['\p{Cc}]/u.test(value)) return `'${value}'`;
  return JSON.stringify(value.toWellFormed()).replaceAll('\x7f', '\\u007f');
}

function tomlKey(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : tomlString(name);
}

const splice = (text: string, start: number, end: number, replacement = ''): string =>
  text.slice(0, start) + replacement + text.slice(end);

const isInline = ({ node }: Entry): boolean => node.parent.type === 'TOMLInlineTable';

function replaceValue(text: string, entry: Entry, value: string): string {
  const [start, end] = entry.node.value.range;
  if (isInline(entry)) return splice(text, start, end, value);
  const afterEquals = text.indexOf('=', entry.node.key.range[1]) + 1;
  return splice(text, afterEquals, end, ` ${value}`);
}

function remove(text: string, entry: Entry): string {
  return isInline(entry) ? removeInline(text, entry) : removeLine(text, entry);
}

/** A comment that follows the value stays, on the line by itself. */
function removeLine(text: string, { node }: Entry): string {
  const [start, end] = node.range;
  const line = { start: text.lastIndexOf('\n', start - 1) + 1, end: endOfLine(text, end) };
  const comment = text.indexOf('#', end);
  if (comment >= 0 && comment < line.end) return splice(text, start, comment);
  return splice(text, line.start, Math.min(line.end + 1, text.length));
}

function removeInline(text: string, { node }: Entry): string {
  const siblings = node.parent.body;
  const index = siblings.indexOf(node);
  const next = siblings[index + 1];
  const previous = siblings[index - 1];
  if (next !== undefined) return splice(text, node.range[0], next.range[0]);
  return splice(text, previous?.range[1] ?? node.range[0], node.range[1]);
}

function insert(document: TomlDocument, table: readonly string[], key: string, value: string): string {
  const line = `${tomlKey(key)} = ${value}`;
  return (
    insertInline(document, table, line) ??
    insertBelowHeader(document, table, line) ??
    insertDotted(document, table, line) ??
    insertTable(document, table, line)
  );
}

/** Into the inline table that is the table, or that it is to be in. */
function insertInline(
  { text, entries }: TomlDocument,
  table: readonly string[],
  line: string,
): string | undefined {
  const home = entries.findLast(
    ({ path, node }) => isPrefix(path, table) && node.value.type === 'TOMLInlineTable',
  );
  if (home?.node.value.type !== 'TOMLInlineTable') return undefined;
  const { range, body } = home.node.value;
  const dotted = [...table.slice(home.path.length).map(tomlKey), line].join('.');
  const last = body.at(-1);
  return last === undefined
    ? splice(text, range[0], range[1], `{ ${dotted} }`)
    : splice(text, last.range[1], last.range[1], `, ${dotted}`);
}

function insertBelowHeader(
  document: TomlDocument,
  table: readonly string[],
  line: string,
): string | undefined {
  const isOwn = (statement: Entry | Header): boolean =>
    isEntry(statement) ? isSame(statement.within, table) : isSame(statement.path, table);
  const last = document.statements.findLast(isOwn);
  if (last !== undefined) return insertAfter(document, last, [line]);
  return table.length === 0 ? insertAtStart(document, [line]) : undefined;
}

/** Next to a key that reaches into the table with dots, in the same words. */
function insertDotted(document: TomlDocument, table: readonly string[], line: string): string | undefined {
  const sibling = document.statements
    .filter(isEntry)
    .findLast(({ path, within }) => isBelow(path, table) && isBelow(table, within));
  if (sibling === undefined) return undefined;
  const { keys } = sibling.node.key;
  const [first, last] = [keys[0], keys[table.length - sibling.within.length - 1]];
  if (first === undefined || last === undefined) return undefined;
  return insertAfter(document, sibling, [`${document.text.slice(first.range[0], last.range[1])}.${line}`]);
}

/** A new table: before the tables in it, else after those beside it, else at the end. */
function insertTable(document: TomlDocument, table: readonly string[], line: string): string {
  const { statements } = document;
  const isInnerHeader = (statement: Entry | Header): boolean =>
    !isEntry(statement) && isBelow(statement.path, table);
  const isBeside = (statement: Entry | Header): boolean =>
    (isEntry(statement) ? statement.within : statement.path)[0] === table[0];
  const inner = statements.findIndex(isInnerHeader);
  const anchor = inner < 0 ? (statements.findLast(isBeside) ?? statements.at(-1)) : statements[inner - 1];
  const header = `[${table.map(tomlKey).join('.')}]`;
  return anchor === undefined
    ? insertAtStart(document, [header, line])
    : insertAfter(document, anchor, ['', header, line]);
}

function insertAtStart({ text }: TomlDocument, lines: readonly string[]): string {
  const newline = newlineOf(text);
  return lines.map((line) => line + newline).join('') + text;
}

/** Below the line on which the statement ends. */
function insertAfter({ text }: TomlDocument, statement: Entry | Header, lines: readonly string[]): string {
  const newline = newlineOf(text);
  const inserted = lines.map((line) => line + newline).join('');
  const end = endOfLine(text, endOf(text, statement));
  return end === text.length ? text + newline + inserted : splice(text, end + 1, end + 1, inserted);
}

/** The node of a header reaches to the end of its table. */
function endOf(text: string, statement: Entry | Header): number {
  return isEntry(statement) ? statement.node.range[1] : text.indexOf(']', statement.node.key.range[1]);
}

function endOfLine(text: string, position: number): number {
  const newline = text.indexOf('\n', position);
  return newline < 0 ? text.length : newline;
}

const newlineOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');
