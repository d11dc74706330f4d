import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { type DefaultModel, withDefaultModel } from '../../../src/core/config/default-model.ts';
import { parseDocument } from '../../../src/core/config/toml-document.ts';
import { tomlFiles } from './toml-files.ts';

type Table = Record<string, unknown>;

const choices = fc.record({
  model: fc.option(fc.string(), { nil: undefined }),
  reasoningEffort: fc.option(fc.constantFrom('minimal' as const, 'high' as const), { nil: undefined }),
});

const read = (text: string): Table => parse(text, { integersAsBigInt: true });
const comments = (text: string): string[] =>
  parseDocument(text)
    .comments.map((comment) => comment.trimEnd())
    .toSorted();

/** The table that holds the settings, made when it is missing. */
function home(root: Table, profile: string | undefined): Table {
  if (profile === undefined) return root;
  root.profiles ??= {};
  const profiles = root.profiles as Record<string, Table>;
  profiles[profile] ??= {};
  return profiles[profile];
}

/** Without keys that have no value, and so also without a difference between an empty profile and none. */
const plain = (table: Table): unknown =>
  JSON.parse(JSON.stringify(table, (_, value) => (typeof value === 'bigint' ? `${value}` : value)));

function expected(
  text: string,
  profile: string | undefined,
  { model, reasoningEffort }: DefaultModel,
): unknown {
  const root = read(text);
  const table = home(root, profile);
  Object.assign(table, { model: model?.toWellFormed(), model_reasoning_effort: reasoningEffort });
  return plain(root);
}

function actual(text: string, profile: string | undefined): unknown {
  const root = read(text);
  home(root, profile);
  return plain(root);
}

function isSubsequence(lines: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const line of all) if (line === lines[at]) at += 1;
  return at === lines.length;
}

describe('the default model', () => {
  test('is set in any file, and all else stays: values, comments, bytes and their order', () => {
    fc.assert(
      fc.property(tomlFiles, choices, ({ text, profile }, choice) => {
        const edited = withDefaultModel(text, choice, 'config.toml');
        expect(actual(edited, profile)).toEqual(expected(text, profile, choice));
        expect(comments(edited)).toEqual(comments(text));
        const others = text
          .split(/\r?\n/)
          .filter((line) => !/model|profiles/.test(line) && line.trim() !== '');
        expect(isSubsequence(others, edited.split(/\r?\n/))).toBe(true);
        if (text.includes('\r\n')) expect(edited).not.toMatch(/(?<!\r)\n/);
        expect(withDefaultModel(edited, choice, 'config.toml')).toBe(edited);
      }),
      { numRuns: 400 },
    );
  });

  test('goes to the profile that the file names', () => {
    const choice = { model: 'o3', reasoningEffort: 'high' } as const;
    expect(withDefaultModel('profile = "p"\nmodel = "a"\n', choice, '')).toBe(
      'profile = "p"\nmodel = "a"\n\n[profiles.p]\nmodel = "o3"\nmodel_reasoning_effort = "high"\n',
    );
  });

  test('is not written to a file that is not TOML; the error says where and quotes nothing', () => {
    const edit = () =>
      withDefaultModel('key = "secret\nmodel = "a"\n', { model: 'b', reasoningEffort: undefined }, 'F');
    expect(edit).toThrow(/^TOML parse error at line 1, column \d+ of F: /);
    expect(edit).not.toThrow('secret');
  });
});
