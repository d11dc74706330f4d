import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { temporaryFolder } from '../daemon/temporary-folder.ts';
import { runCli } from './command-line.ts';

const program = createProgram(
  () => Promise.reject(new Error('nothing is started here')),
  () => {},
);

interface Line {
  readonly words: readonly string[];
  readonly options: readonly string[];
  /** Enough arguments for it to be complete. */
  readonly needed: readonly string[];
}

const EXAMPLES: Readonly<Record<string, string>> = { id: '0', shell: 'bash', prompt: 'hello' };

function linesOf(command: Command, before: readonly string[] = []): Line[] {
  const visible = command.commands.filter((part) => !part.name().startsWith('__'));
  if (visible.length > 0) return visible.flatMap((part) => linesOf(part, [...before, part.name()]));
  const options = command.options.map(({ long }) => long ?? '');
  const needed = command.registeredArguments
    .filter((argument) => !argument.variadic)
    .map((argument) => EXAMPLES[argument.name()] ?? 'x');
  return [{ words: before, options, needed }];
}

const lines = linesOf(program);
const named = lines.map((line): [string, Line] => [line.words.join(' '), line]);
const usage = (...args: readonly string[]) => runCli(args, { home: temporaryFolder() });

/** Their stdout is a protocol. */
const SPEAKS_JSON_ANYWAY = ['stdio'];
/** They are about the daemon itself, or need none. */
const WITHOUT_START = [
  'serve',
  'stop',
  'doctor',
  'completion',
  'service install',
  'service uninstall',
  'service status',
];

describe('every command', () => {
  test('can be listed', () => {
    expect(lines.length).toBeGreaterThan(20);
  });

  test.each(named)('%s has --json', (name, { options }) => {
    expect(options.includes('--json')).toBe(!SPEAKS_JSON_ANYWAY.includes(name));
  });

  test.each(named)('%s starts a daemon with --start, if it is of use', (name, { options }) => {
    expect(options.includes('--start')).toBe(!WITHOUT_START.includes(name));
  });

  test('refuses an unknown flag with exit code 2, a suggestion on stderr and nothing on stdout', async () => {
    for (const batch of batches(named, 4)) {
      await Promise.all(
        batch.map(async ([name, { words, needed, options }]) => {
          const [flag = '--help'] = options.filter((option) => option.length > 5);
          const typo = `${flag.slice(0, -2)}${flag.at(-1)}${flag.at(-2)}`;
          const { code, stdout, stderr } = await usage(...words, ...needed, typo);
          expect([name, code, stdout]).toEqual([name, 2, '']);
          expect(stderr).toContain(`unknown option '${typo}'`);
          expect(stderr).toMatch(/Did you mean/);
        }),
      );
    }
  }, 60_000);

  test('says on stderr what to do when no daemon runs, and ends with 1', async () => {
    const clients = named.filter(([name]) => !WITHOUT_START.includes(name) && name !== 'status');
    for (const batch of batches(clients, 4)) {
      await Promise.all(
        batch.map(async ([name, { words, needed }]) => {
          const { code, stdout, stderr } = await usage(...words, ...needed);
          expect([name, code, stdout]).toEqual([name, 1, '']);
          expect(stderr).toMatch(/^error: .*codexd serve/);
          expect(stderr).toMatch(/--start/);
        }),
      );
    }
  }, 60_000);

  test('explains itself on stdout', async () => {
    for (const batch of batches(named, 4)) {
      await Promise.all(
        batch.map(async ([name, { words }]) => {
          const { code, stdout, stderr } = await usage(...words, '--help');
          expect([name, code, stderr]).toEqual([name, 0, '']);
          expect(stdout).toContain(`Usage: codexd ${name}`);
        }),
      );
    }
  }, 60_000);

  test('has colours where they are forced, and none with NO_COLOR', async () => {
    const { stdout } = await runCli(['doctor'], { home: temporaryFolder(), env: { NO_COLOR: '1' } });
    expect(stdout).not.toContain('\u001b');
    const forced = await runCli(['doctor'], {
      home: temporaryFolder(),
      env: { NO_COLOR: undefined, FORCE_COLOR: '1' },
    });
    expect(forced.stdout).toContain('\u001b');
  });
});

function batches<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}
