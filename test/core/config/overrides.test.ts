import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../src/core/config/load.ts';
import { applyOverrides, parseOverride } from '../../../src/core/config/overrides.ts';
import { type ConfigTable, type ConfigValue, isTable } from '../../../src/core/config/table.ts';

function valueAt(table: ConfigTable, key: string): ConfigValue | undefined {
  return key
    .split('.')
    .reduce<ConfigValue | undefined>((held, part) => (isTable(held) ? held[part] : undefined), table);
}

describe('parseOverride', () => {
  test.each<[string, string, ConfigValue]>([
    ['model="o3"', 'model', 'o3'],
    ["model='o3'", 'model', 'o3'],
    ['model=o3', 'model', 'o3'],
    [' model = o3 ', 'model', 'o3'],
    ['model=', 'model', ''],
    ['model=a=b', 'model', 'a=b'],
    ['model=null', 'model', 'null'],
    ['model=1979-05-27', 'model', '1979-05-27'],
    ['tools.web_search=true', 'tools.web_search', true],
    ['project_doc_max_bytes=1_000', 'project_doc_max_bytes', 1000],
    ['notify=["a", "b"]', 'notify', ['a', 'b']],
    ['tools={web_search=true}', 'tools', { web_search: true }],
    ['tools={"web_search": true}', 'tools', { web_search: true }],
    ['model="a\\/b"', 'model', 'a/b'],
    ['notify=[1,', 'notify', '[1,'],
    ['model="o3', 'model', '"o3'],
    ['model=1\nmodel_provider="x"', 'model', '1\nmodel_provider="x"'],
  ])('reads %j', (text, key, value) => {
    expect(parseOverride(text)).toEqual([key, value]);
  });

  test.each([
    ['model', 'override `model` has no `=`: write key=value'],
    ['=o3', 'override has no key before `=`: write key=value'],
    ['  = o3', 'override has no key before `=`: write key=value'],
  ])('refuses %j', (text, message) => {
    expect(() => parseOverride(text)).toThrow(new ConfigError('value', message));
  });
});

describe('applyOverrides', () => {
  test('reaches into a table and keeps the rest of it', () => {
    expect(applyOverrides({ tools: { view_image: false } }, [['tools.web_search', true]])).toEqual({
      tools: { view_image: false, web_search: true },
    });
  });

  test('replaces a whole table by a table given as value, as observed', () => {
    const file = { sandbox_workspace_write: { network_access: true } };
    expect(applyOverrides(file, [['sandbox_workspace_write', { exclude_slash_tmp: true }]])).toEqual({
      sandbox_workspace_write: { exclude_slash_tmp: true },
    });
  });

  test('puts a table where the key goes through a plain value, as observed', () => {
    expect(applyOverrides({ model: 'o3' }, [['model.x', 5]])).toEqual({ model: { x: 5 } });
  });

  test('takes the last of two values for one key', () => {
    expect(
      applyOverrides({}, [
        ['model', 'a'],
        ['model', 'b'],
      ]),
    ).toEqual({ model: 'b' });
  });

  test('finds every value where its dotted key says, and leaves the table it was given as it was', () => {
    const key = fc
      .array(fc.stringMatching(/^[a-z_]{1,4}$/), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('.'));
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.string()),
      fc.constant({ x: 1 }),
    );
    const table = fc.dictionary(
      fc.stringMatching(/^[a-z_]{1,4}$/),
      fc.oneof(fc.string(), fc.constant({ a: { b: 1 } })),
    );
    fc.assert(
      fc.property(table, key, value, (given, dotted, held) => {
        const before = structuredClone(given);
        expect(valueAt(applyOverrides(given, [[dotted, held]]), dotted)).toEqual(held);
        expect(given).toEqual(before);
      }),
    );
  });

  test.each([
    ['as the key', '__proto__', { polluted: 'yes' }],
    ['within the key', '__proto__.polluted', 'yes'],
    ['further down', 'a.__proto__.polluted', 'yes'],
    ['by way of constructor', 'constructor.prototype.polluted', 'yes'],
    ['within the value', 'a', JSON.parse('{"__proto__": {"polluted": "yes"}}')],
  ])('pollutes no prototype with __proto__ %s', (_, key, value) => {
    const table = applyOverrides({ a: {} }, [[key, value]]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(table.polluted).toBeUndefined();
    expect(valueAt(table, 'a.polluted')).toBeUndefined();
  });

  test('refuses a key of absurd depth', () => {
    const key = Array.from({ length: 10_000 }, () => 'a').join('.');
    expect(() => applyOverrides({}, [[key, 1]])).toThrow(
      'override key has 10000 parts, at most 32 are allowed',
    );
  });
});
