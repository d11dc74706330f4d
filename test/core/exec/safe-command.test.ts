import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isKnownSafe } from '../../../src/core/exec/safe-command.ts';
import { asScript, harmfulCommand, joined, poisoned, readingCommand } from './command-grammar.ts';
import { DIFFERENCES } from './safe-command-differences.ts';
import {
  ASKING_COMMANDS,
  ASKING_SCRIPTS,
  RUNNING_COMMANDS,
  RUNNING_SCRIPTS,
} from './safe-command-samples.ts';

const inBash = (script: string) => ['bash', '-lc', script];

describe('as in the reference', () => {
  test.each(RUNNING_COMMANDS.map((command) => [command]))('%j is safe', (command) => {
    expect(isKnownSafe(command)).toBe(true);
  });

  test.each(RUNNING_SCRIPTS)('bash -lc %j is safe', (script) => {
    expect(isKnownSafe(inBash(script))).toBe(true);
  });

  test.each(ASKING_COMMANDS.map((command) => [command]))('%j is not', (command) => {
    expect(isKnownSafe(command)).toBe(false);
  });

  test.each(ASKING_SCRIPTS)('bash -lc %j is not', (script) => {
    expect(isKnownSafe(inBash(script))).toBe(false);
  });

  test('cargo check is safe although it runs the build scripts of the project', () => {
    expect(isKnownSafe(['cargo', 'check'])).toBe(true);
  });
});

describe('other than the reference', () => {
  test.each(DIFFERENCES)('$command is not safe: $because', ({ command }) => {
    expect(isKnownSafe(command)).toBe(false);
  });
});

describe('whatever stands around it', () => {
  const reading = readingCommand.chain(asScript);
  const isUnsafe = (script: string) => !isKnownSafe(inBash(script));

  test('a harmful command is not safe', () => {
    fc.assert(
      fc.property(harmfulCommand, (command) => !isKnownSafe(command)),
      { numRuns: 2000 },
    );
  });

  test('a script with a harmful command is not safe', () => {
    const harmful = harmfulCommand.chain(asScript);
    const script = fc.oneof(harmful, joined(harmful, reading), joined(reading, harmful, reading));
    fc.assert(fc.property(script, isUnsafe), { numRuns: 2000 });
  });

  test('a script with redirections, substitutions, jobs, assignments or groups is not safe', () => {
    const bad = reading.chain(poisoned);
    const script = fc.oneof(bad, joined(bad, reading), joined(reading, bad, reading));
    fc.assert(fc.property(script, isUnsafe), { numRuns: 2000 });
  });

  test('nothing but the plain form of bash is looked into', () => {
    const wrapped = fc.constantFrom(
      (script: string) => ['bash', '-c', script],
      (script: string) => ['sh', '-lc', script],
      (script: string) => ['bash', '-lc', script, 'x'],
      (script: string) => inBash(`bash -lc '${script.replaceAll("'", "'\\''")}'`),
    );
    fc.assert(fc.property(reading, wrapped, (script, wrap) => !isKnownSafe(wrap(script))));
  });
});
