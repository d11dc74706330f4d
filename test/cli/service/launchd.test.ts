import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createLaunchd } from '../../../src/cli/service/launchd.ts';
import { temporaryFolder } from '../../daemon/temporary-folder.ts';

/** Keeps what it was called with, and answers as launchctl does; a file says that the service is loaded. */
const LAUNCHCTL = `#!/bin/sh
echo "$*" >> calls
case "$1 $2" in
  'print gui/501') ;;
  'print gui/501/codexd') [ -e loaded ] || { echo 'Could not find service' >&2; exit 113; }; cat loaded ;;
  'print-disabled gui/501') cat disabled 2>/dev/null ;;
  'bootstrap gui/501') [ ! -e loaded ] || { echo '5: Input/output error' >&2; exit 5; }
    printf '\\tstate = running\\n\\tpid = 77\\n' > loaded ;;
  'bootout gui/501/codexd') (sleep 0.3; rm -f loaded) > /dev/null 2>&1 & ;;
  'enable gui/501/codexd') ;;
  *) echo "no such user" >&2; exit 125 ;;
esac
`;

function fakeLaunchd(uid = 501) {
  const home = temporaryFolder();
  const bin = path.join(home, 'bin');
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'launchctl'), LAUNCHCTL.replace('#!/bin/sh', `#!/bin/sh\ncd '${home}'`));
  chmodSync(path.join(bin, 'launchctl'), 0o755);
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const launchd = createLaunchd('codexd', { home, uid, logPath: '/log', env });
  const calls = () => readFileSync(path.join(home, 'calls'), 'utf8').trim().split('\n');
  return { home, launchd, calls };
}

describe('the service of launchd', () => {
  test('is loaded into the session of the user and reported as it runs', async () => {
    const { home, launchd, calls } = fakeLaunchd();
    await launchd.assertUsable();
    expect(launchd.path).toBe(path.join(home, 'Library/LaunchAgents/codexd.plist'));
    expect(await launchd.status()).toEqual({
      enabled: false,
      running: false,
      state: 'not loaded',
      pid: null,
    });
    await launchd.activate(true);
    expect(calls()).toEqual(
      expect.arrayContaining(['enable gui/501/codexd', `bootstrap gui/501 ${launchd.path}`]),
    );
    expect(await launchd.status()).toEqual({ enabled: true, running: true, state: 'running', pid: 77 });
  });

  test('is loaded anew only after the old one is gone, and left alone when nothing changed', async () => {
    const { launchd, calls } = fakeLaunchd();
    await launchd.activate(true);
    await launchd.activate(false);
    expect(calls().filter((call) => call.startsWith('bootstrap'))).toHaveLength(1);
    await launchd.activate(true);
    expect(calls().filter((call) => call.startsWith('bootstrap'))).toHaveLength(2);
  });

  test('is unloaded once, and doing so again is no error', async () => {
    const { home, launchd, calls } = fakeLaunchd();
    await launchd.activate(true);
    await launchd.deactivate();
    expect(existsSync(path.join(home, 'loaded'))).toBe(false);
    await launchd.deactivate();
    expect(calls().filter((call) => call.startsWith('bootout'))).toHaveLength(1);
  });

  test('is not enabled when launchd lists it as disabled', async () => {
    const { home, launchd } = fakeLaunchd();
    await launchd.activate(true);
    writeFileSync(path.join(home, 'disabled'), '\t"codexd-x" => enabled\n\t"codexd" => disabled\n');
    expect(await launchd.status()).toMatchObject({ enabled: false, running: true });
    rmSync(path.join(home, 'disabled'));
  });

  test('cannot be had without a session, and then says what to do', async () => {
    const { launchd } = fakeLaunchd(7);
    await expect(launchd.assertUsable()).rejects.toThrow(/no session of this user: no such user. Sign in/);
  });
});
