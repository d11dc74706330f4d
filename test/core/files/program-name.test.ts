import { describe, expect, it } from 'vitest';
import { programOf } from '../../../src/core/files/program-name.ts';
import { otherProgram } from './held-lock.ts';

/** Runs until it is killed, under the name given. */
async function nameOf(argv0: string, ...args: string[]): Promise<string | undefined> {
  const script = 'process.stdout.write("up\\n"); process.stdin.resume()';
  const program = otherProgram(process.execPath, ['-e', script, '--', ...args], { argv0 });
  expect(await program.nextLine()).toBe('up');
  return programOf(program.pid);
}

describe.skipIf(process.platform !== 'linux')('the name of a program', () => {
  it('is that of its file, without arguments', async () => {
    expect(await nameOf('/opt/bin/codex', '--token', 'secret')).toBe('codex');
  });

  it('does not show code that an interpreter was given', async () => {
    expect(await nameOf('/usr/bin/node')).toBe('node');
  });

  it('shows nothing that a terminal would act upon, and not too much', async () => {
    expect(await nameOf('co\u001b[31m\ndex')).toBe('co?[31m?dex');
    expect(await nameOf('x'.repeat(500))).toBe('x'.repeat(64));
  });

  it('is unknown for a process that is gone', async () => {
    expect(await programOf(2 ** 22 + 1)).toBeUndefined();
  });
});
