import { applyOverrides, type Override } from './overrides.ts';
import { type ConfigTable, leafKeys } from './table.ts';
import type { Origin } from './types.ts';

export interface Layers {
  /** The file with all overrides merged in. */
  readonly table: ConfigTable;
  /** Dotted key of each value in the table -> its source. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** Merges the overrides of the command line into the file, then those of the `config` param. */
export function mergeLayers(
  file: ConfigTable,
  cli: readonly Override[],
  configParam: readonly Override[],
): Layers {
  const table = applyOverrides(file, [...cli, ...configParam]);
  const writers = lastWriters(cli, configParam);
  return { table, origins: new Map(leafKeys(table).map((key) => [key, originOf(key, writers)])) };
}

interface Writer {
  readonly turn: number;
  readonly origin: Origin;
}

/** Dotted key -> the last override of exactly that key. */
function lastWriters(cli: readonly Override[], configParam: readonly Override[]): Map<string, Writer> {
  const turns = [
    ...cli.map(([key]) => ({ key, origin: 'cli' as const })),
    ...configParam.map(([key]) => ({ key, origin: 'config-param' as const })),
  ];
  return new Map(turns.map(({ key, origin }, turn) => [key, { turn, origin }]));
}

/** A value comes from the last override of its own key or of a table around it. */
function originOf(key: string, writers: ReadonlyMap<string, Writer>): Origin {
  const parts = key.split('.');
  const reaching = parts
    .map((_, index) => writers.get(parts.slice(0, index + 1).join('.')))
    .filter((writer) => writer !== undefined);
  return reaching.toSorted((a, b) => a.turn - b.turn).at(-1)?.origin ?? 'file';
}
