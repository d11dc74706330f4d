import { TomlDate } from 'smol-toml';

/** A value of `config.toml`, of a `-c` override or of the `config` param; dates are kept as their text. */
export type ConfigValue = string | number | boolean | null | ConfigValue[] | ConfigTable;

/** An untyped table of settings. Never has a `__proto__` key: no setting has that name. */
export interface ConfigTable {
  [key: string]: ConfigValue;
}

export function isTable(value: ConfigValue | undefined): value is ConfigTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A deep copy of what a TOML or JSON parser gave. */
export function toConfigTable(source: object): ConfigTable {
  const entries = Object.entries(source).filter(([key]) => key !== '__proto__');
  return Object.fromEntries(entries.map(([key, value]) => [key, toConfigValue(value)]));
}

export function toConfigValue(value: unknown): ConfigValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof TomlDate) return value.toISOString();
  if (Array.isArray(value)) return value.map(toConfigValue);
  if (typeof value === 'object' && value !== null) return toConfigTable(value);
  return null;
}

/** Dotted keys of all values that are not tables themselves. */
export function leafKeys(table: ConfigTable, prefix = ''): string[] {
  return Object.entries(table).flatMap(([key, value]) =>
    isTable(value) ? leafKeys(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}
