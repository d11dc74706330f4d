import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EmptyCommandError, SpawnError } from '../../../src/core/exec/run.ts';
import { READ_ONLY, runConfined, withoutBubblewrap } from './confined.ts';
import { createScene } from './scene.ts';

describe.skipIf(withoutBubblewrap)('a confined command', () => {
  test('has its standard streams, the input closed', async () => {
    const { outcome, stdout, stderr } = await runConfined(createScene(), [
      'sh',
      '-c',
      'cat; echo output; echo error >&2',
    ]);
    expect([stdout, stderr]).toEqual(['output\n', 'error\n']);
    expect(outcome).toEqual({ kind: 'exited', exitCode: 0, denied: false });
  });

  test.each([
    ['exit 3', 3, true],
    ['nosuchprogram', 127, false],
    ['kill -9 $$', 137, true],
    ['kill -TERM $$', 143, true],
  ])('%s ends with %i', async (script, exitCode, denied) => {
    const { outcome } = await runConfined(createScene(), ['sh', '-c', script]);
    expect(outcome).toEqual({ kind: 'exited', exitCode, denied });
  });

  test('gets its arguments and environment unchanged', async () => {
    const scene = createScene();
    const text = '--bind "$X"\n{}';
    const { stdout } = await runConfined(scene, ['sh', '-c', 'echo "$1" "$X" "$PWD"', 'sh', text], {
      env: { X: 'value' },
    });
    expect(stdout).toBe(`${text} value ${scene.workspace}\n`);
  });

  test.each([
    ['a program that does not exist', ['nosuchprogram'], 'ENOENT'],
    ['a program without a name', [''], 'ENOENT'],
    ['a file that is no program', ['/etc/passwd'], 'EACCES'],
  ])('%s is an error of the command', async (_name, command, code) => {
    const run = runConfined(createScene(), command, { env: { PATH: '/usr/bin:/bin' } });
    await expect(run).rejects.toThrow(SpawnError);
    await expect(run).rejects.toMatchObject({ code });
  });

  test('a folder that does not exist is an error of the command', async () => {
    const scene = createScene();
    const run = runConfined(scene, ['true'], { cwd: join(scene.root, 'absent') });
    await expect(run).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('an empty command is refused', async () => {
    await expect(runConfined(createScene(), [])).rejects.toThrow(EmptyCommandError);
  });

  test('starts fast enough', async () => {
    const scene = createScene();
    const timed = async (options: object): Promise<number> => {
      const times: number[] = [];
      for (let run = 0; run < 5; run++) {
        const from = performance.now();
        await runConfined(scene, ['true'], options);
        times.push(performance.now() - from);
      }
      return times.sort((one, other) => one - other)[2] ?? 0;
    };
    const bare = await timed({ policy: { mode: 'danger-full-access' } });
    const confined = [await timed({ policy: READ_ONLY }), await timed({})];
    const [readOnly = 0, workspace = 0] = confined.map((time) => time - bare);
    console.log(
      `start-up: +${readOnly.toFixed(1)} ms read-only, +${workspace.toFixed(1)} ms workspace-write`,
    );
    expect(Math.max(readOnly, workspace)).toBeLessThan(1000);
  });
});
