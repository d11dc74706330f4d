import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Cells of the rows of a document's table whose first one begins like this. */
export function tableRows(document: string, start: string): string[][] {
  return readFileSync(path.join(ROOT, 'docs', document), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`| ${start}`))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
}

/** Names of test files below `test`, without their ending, as a cell has them. */
export const testsIn = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');

/** Those of the tests that do not exist, or have the id nowhere but in comments. */
export const testsWithout = (id: string, tests: readonly string[]): string[] =>
  tests.filter((name) => {
    const file = path.join(ROOT, 'test', `${name}.test.ts`);
    return !existsSync(file) || !idsIn(file).has(id);
  });

function idsIn(file: string): Set<string> {
  const lines = readFileSync(file, 'utf8').split('\n');
  const code = lines.filter((line) => !/^\s*(\/\/|\/?\*)/.test(line)).join('\n');
  return new Set(code.match(/\b(?:SEC|REL)-[A-Z]+-\d+\b/g));
}
