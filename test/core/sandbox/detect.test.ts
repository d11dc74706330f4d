import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { detectSandbox } from '../../../src/core/sandbox/detect.ts';
import { createSandbox } from '../../../src/core/sandbox/sandbox.ts';
import { SandboxUnavailableError } from '../../../src/core/sandbox/unavailable.ts';
import { runConfined, withoutBubblewrap } from './confined.ts';
import { createScene, type Scene } from './scene.ts';

function fakeBubblewrap(scene: Scene, script: string): string {
  const path = scene.write('bin/bwrap', `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function detectWith(scene: Scene, script: string) {
  const folder = dirname(fakeBubblewrap(scene, script));
  return detectSandbox({ PATH: `${folder}:${process.env.PATH}` });
}

/** Drops the options and runs the command without any protection. */
const RUN_BARE = 'while [ "$1" != -- ]; do shift; done; shift; "$@"; code=$?';

describe.skipIf(process.platform !== 'linux')('detection on Linux', () => {
  test.skipIf(withoutBubblewrap)('finds a bubblewrap that works', async () => {
    expect(await detectSandbox(process.env)).toEqual({
      kind: 'bubblewrap',
      path: expect.stringMatching(/^\/.*\/bwrap$/),
    });
  });

  test('says how to get one where there is none', async () => {
    expect(await detectSandbox({ PATH: 'relative:/nowhere' })).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('not in the PATH'),
      remedy: expect.stringContaining('Install the package "bubblewrap"'),
    });
  });

  test('SEC-EXEC-6: explains what the host refuses', async () => {
    const script = 'echo "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted" >&2; exit 1';
    expect(await detectWith(createScene(), script)).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('AppArmor'),
      remedy: expect.stringContaining('sysctl'),
    });
  });

  test('takes no program that does not report the start of the command', async () => {
    expect(await detectWith(createScene(), `${RUN_BARE}; exit $code`)).toMatchObject({ kind: 'none' });
  });

  test('takes no program that lets the command write', async () => {
    const script = `${RUN_BARE}; echo "{ \\"exit-code\\": $code }" >&4; exit $code`;
    expect(await detectWith(createScene(), script)).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('did not keep a file from being written'),
    });
  });

  test('takes no program that hides the failure of a plain command', async () => {
    expect(await detectWith(createScene(), 'echo \'{ "exit-code": 3 }\' >&4; exit 3')).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('did not run "true"'),
    });
  });
});

describe('SEC-EXEC-6: where there is no sandbox', () => {
  const status = { kind: 'none', reason: 'No sandbox.', remedy: 'Get one.' } as const;

  test.each([{ mode: 'read-only' }, { mode: 'workspace-write' }] as const)(
    '$mode runs nothing',
    async (policy) => {
      const scene = createScene();
      const sandbox = createSandbox({ status, codexHome: scene.codexHome, hidden: [] });
      await expect(runConfined(scene, ['touch', 'ran'], { sandbox, policy })).rejects.toMatchObject({
        name: 'SandboxUnavailableError',
        code: 'sandbox_unavailable',
        reason: 'No sandbox.',
        remedy: 'Get one.',
      });
    },
  );

  test('danger-full-access runs the command as it is', async () => {
    const scene = createScene();
    const sandbox = createSandbox({ status, codexHome: scene.codexHome, hidden: [] });
    const options = { sandbox, policy: { mode: 'danger-full-access' } } as const;
    const { outcome } = await runConfined(scene, ['touch', '../outside/ran'], options);
    expect(outcome).toEqual({ kind: 'exited', exitCode: 0, denied: false });
    expect(scene.read('outside/ran')).toBe('');
  });

  test.skipIf(process.platform !== 'linux')(
    'a sandbox that fails later is no failure of the command',
    async () => {
      const scene = createScene();
      const path = fakeBubblewrap(scene, 'echo "bwrap: setting up uid map: Permission denied" >&2; exit 1');
      const sandbox = createSandbox({
        status: { kind: 'bubblewrap', path },
        codexHome: scene.codexHome,
        hidden: [],
      });
      await expect(runConfined(scene, ['touch', 'ran'], { sandbox })).rejects.toThrow(
        SandboxUnavailableError,
      );
    },
  );
});
