import { describe, expect, it, vi } from 'vitest';
import { ALL_CASES } from './cases/all.ts';
import { INTENDED_DIFFERENCES } from './differences.ts';
import { compareCase } from './harness/compare-case.ts';
import { installReference } from './harness/install.ts';
import { findIntended } from './harness/intended.ts';
import { referenceAt } from './harness/reference.ts';
import { reportOf } from './harness/report.ts';
import { startBridged } from './harness/stdio-bridge.ts';

vi.setConfig({ maxConcurrency: 2, testTimeout: 60_000 });

const reference = await installReference();
const NAMES = [
  'a client says hello once and learns the user agent',
  'requests that make no sense are answered',
  'two plain turns carry the history on',
  'a command waits for its decision under untrusted',
  'an interrupt ends the command that runs',
  'a conversation goes on in its own file when the server has been started again',
];
const cases = ALL_CASES.filter(({ name }) => NAMES.includes(name));

describe.skipIf('missing' in reference).concurrent('a program of the reference, over codexd stdio', () => {
  const startReference = referenceAt('binary' in reference ? reference.binary : '');

  it('has all of these cases', () => {
    expect(cases).toHaveLength(NAMES.length);
  });

  it.for(cases.map((play) => [play.name, play] as const))('%s', async ([, play]) => {
    const differences = await compareCase(play, startReference, startBridged);
    const unintended = differences.filter(
      (difference) => findIntended(play.name, difference, INTENDED_DIFFERENCES) === undefined,
    );
    expect(reportOf(unintended)).toBe('');
  });
});
