import { isDeepStrictEqual } from 'node:util';
import type { ReasoningEffort } from '../../protocol/vocabulary/policies.ts';
import type { FileSystem } from '../files/file-system.ts';
import { editConfigFile } from './config-file.ts';
import { ConfigError, parseConfig } from './load.ts';
import { type ConfigTable, isTable } from './table.ts';
import { parseDocument } from './toml-document.ts';
import { setKey } from './toml-edit.ts';

/** `undefined` takes the setting out of the file. */
export interface DefaultModel {
  readonly model: string | undefined;
  readonly reasoningEffort: ReasoningEffort | undefined;
}

/**
 * Writes the model of new conversations to `config.toml`: into the profile that the file names, else to the top level
 * (protocol-v1, section 19.3). Resolves when that is on disk.
 * @throws ConfigError when the file cannot be read, is not TOML, has something else in these places, or is changed by
 *   others all the time; it is left as it was then
 * @throws the system's errors
 */
export async function setDefaultModel(
  codexHome: string,
  choice: DefaultModel,
  files: FileSystem,
): Promise<void> {
  await editConfigFile(
    codexHome,
    (text) => withDefaultModel(text, choice, `${codexHome}/config.toml`),
    files,
  );
}

/** @param file is named in errors */
export function withDefaultModel(text: string, choice: DefaultModel, file: string): string {
  const before = parseConfig(text, file);
  const table = typeof before.profile === 'string' ? ['profiles', before.profile] : [];
  const values: [key: string, value: string | undefined][] = [
    ['model', choice.model],
    ['model_reasoning_effort', choice.reasoningEffort],
  ];
  // New lines first: they may need one that goes to tell where they belong and how lines end.
  const inOrder = values.toSorted(([, a], [, b]) => Number(a === undefined) - Number(b === undefined));
  const edited = inOrder.reduce((so, [key, value]) => setKey(so, table, key, value), text);
  const expected = values.reduce((so, [key, value]) => withLeaf(so, [...table, key], value), leaves(before));
  requireSame(text, edited, expected, file);
  return edited;
}

type Leaves = ReadonlyMap<string, unknown>;

/** Path of each value that is not a table itself, as JSON -> the value. */
function leaves(table: ConfigTable, above: readonly string[] = []): Leaves {
  return new Map(
    Object.entries(table).flatMap(([key, value]): [string, unknown][] =>
      isTable(value) ? [...leaves(value, [...above, key])] : [[JSON.stringify([...above, key]), value]],
    ),
  );
}

function withLeaf(all: Leaves, path: readonly string[], value: string | undefined): Leaves {
  const others = [...all].filter(([key]) => key !== JSON.stringify(path));
  return new Map(value === undefined ? others : [...others, [JSON.stringify(path), value.toWellFormed()]]);
}

/** The last safeguard of what others have written: better no change than one of theirs. */
function requireSame(text: string, edited: string, expected: Leaves, file: string): void {
  const comments = (toml: string): string[] => parseDocument(toml).comments.map((comment) => comment.trim());
  const isSame =
    isDeepStrictEqual(leaves(parseConfig(edited, file)), expected) &&
    isDeepStrictEqual(comments(edited).toSorted(), comments(text).toSorted());
  if (isSame) return;
  throw new ConfigError('value', `${file} cannot be changed without changing more; please edit it by hand`);
}
