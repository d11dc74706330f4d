import { parse, TomlError } from 'smol-toml';
import { ConfigError } from './load.ts';
import { type ConfigTable, type ConfigValue, isTable, toConfigTable, toConfigValue } from './table.ts';

/** Dotted key and value. Every dot separates, there is no quoting. */
export type Override = readonly [key: string, value: unknown];

/** Reads `key=value` of the command line. The value is TOML, else JSON, else the text itself. */
export function parseOverride(text: string): [key: string, value: ConfigValue] {
  const separator = text.indexOf('=');
  if (separator < 0) throw new ConfigError('value', `override \`${text}\` has no \`=\`: write key=value`);
  const key = text.slice(0, separator).trim();
  if (key === '') throw new ConfigError('value', 'override has no key before `=`: write key=value');
  const value = text.slice(separator + 1).trim();
  return [key, fromToml(value) ?? fromJson(value) ?? value];
}

/** No setting lies deeper; without a bound, a client could send a key of a million parts. */
const MAX_KEY_PARTS = 32;

/** A copy of the table with the values at their dotted keys; a table given as value replaces the one that was there. */
export function applyOverrides(table: ConfigTable, overrides: readonly Override[]): ConfigTable {
  const copy = toConfigTable(table);
  for (const [key, value] of overrides) setAt(copy, key.split('.'), toConfigValue(value));
  return copy;
}

function setAt(table: ConfigTable, keys: readonly string[], value: ConfigValue): void {
  if (keys.length > MAX_KEY_PARTS) {
    throw new ConfigError(
      'value',
      `override key has ${keys.length} parts, at most ${MAX_KEY_PARTS} are allowed`,
    );
  }
  if (keys.includes('__proto__')) return;
  const parent = keys.slice(0, -1).reduce(tableAt, table);
  parent[keys.at(-1) ?? ''] = value;
}

/** The table at the key, put there in place of whatever else the key held. */
function tableAt(table: ConfigTable, key: string): ConfigTable {
  const held = Object.hasOwn(table, key) ? table[key] : undefined;
  const below = isTable(held) ? held : {};
  table[key] = below;
  return below;
}

function fromToml(text: string): ConfigValue | undefined {
  try {
    const { value, ...others } = parse(`value = ${text}`, { integersAsBigInt: 'asNeeded' });
    return Object.keys(others).length === 0 ? toConfigValue(value) : undefined;
  } catch (error) {
    if (error instanceof TomlError) return undefined;
    throw error;
  }
}

/** `undefined` for `null` too: TOML has no such value, so the word stands for itself. */
function fromJson(text: string): ConfigValue | undefined {
  try {
    return toConfigValue(JSON.parse(text)) ?? undefined;
  } catch {
    return undefined;
  }
}
