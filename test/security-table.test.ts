import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SECURITY_REQUIREMENTS } from './support/security-requirements.ts';

interface Row {
  readonly id: string;
  readonly level: string;
  readonly done: string;
  /** Files below `test`, without their ending. */
  readonly tests: readonly string[];
  readonly result: string;
}

const RESULTS = ['done', 'login', 'packaging', 'not offered'];

const table = readFileSync(path.join(import.meta.dirname, '../docs/security.md'), 'utf8');
const rows: Row[] = table
  .split('\n')
  .filter((line) => line.startsWith('| SEC-'))
  .map((line) => {
    const [id = '', level = '', done = '', tests = '', result = ''] = line
      .split(' | ')
      .map((cell) => cell.replace(/^\| | \|$/g, ''));
    return {
      id,
      level,
      done,
      tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''),
      result,
    };
  });

const fileOf = (name: string): string => path.join(import.meta.dirname, `${name}.test.ts`);

/** Ids in the names of tests: anywhere but in comments. */
function idsIn(file: string): Set<string> {
  const lines = readFileSync(file, 'utf8').split('\n');
  const code = lines.filter((line) => !/^\s*(\/\/|\/?\*)/.test(line)).join('\n');
  return new Set(code.match(/\bSEC-[A-Z]+-\d+\b/g));
}

describe('docs/security.md', () => {
  it('has every requirement once, with its level', () => {
    expect(Object.fromEntries(rows.map(({ id, level }) => [id, level]))).toEqual(SECURITY_REQUIREMENTS);
    expect(rows).toHaveLength(Object.keys(SECURITY_REQUIREMENTS).length);
  });

  it('says of each what is done and with what result', () => {
    for (const { id, done, result } of rows) {
      expect([id, RESULTS.includes(result), done.length > 10]).toEqual([id, true, true]);
    }
  });

  it('leaves out nothing that must be, unless another part of the project has it', () => {
    const open = rows.filter(({ level, result }) => level === 'MUST' && result === 'not offered');
    expect(open.map(({ id }) => id)).toEqual([]);
  });

  it.each(rows.filter(({ result }) => result === 'done'))(
    '$id is shown by tests whose names carry it',
    ({ id, tests }) => {
      expect(tests.length).toBeGreaterThan(0);
      const without = tests.filter((name) => !existsSync(fileOf(name)) || !idsIn(fileOf(name)).has(id));
      expect(without).toEqual([]);
    },
  );
});
