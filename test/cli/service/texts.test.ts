import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ServiceDefinition } from '../../../src/cli/service/definition.ts';
import { launchdPlist } from '../../../src/cli/service/launchd-plist.ts';
import { systemdUnit } from '../../../src/cli/service/systemd-unit.ts';
import { temporaryFolder } from '../../daemon/temporary-folder.ts';

const DEFINITION: ServiceDefinition = {
  name: 'codexd',
  command: ['/opt/a b $c %d/node', '/opt/cli.js', 'serve', '-c', 'k="$HOME %h \\ \n"'],
  environment: { PATH: '/a b:/50%:/q"', MARK: "it's <&> $X" },
  workingDirectory: '/home/100% me',
  stopSeconds: 45,
  logPath: '/home/<me>/service.log',
};

const has = (program: string): boolean =>
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(path.join(folder, program)));

describe('the systemd unit', () => {
  const lines = systemdUnit(DEFINITION).split('\n');

  test('quotes what is special to systemd, in the program, its arguments and the environment', () => {
    expect(lines).toContain(
      String.raw`ExecStart="/opt/a b $c %%d/node" "/opt/cli.js" "serve" "-c" "k=\"$$HOME %%h \\ \n\""`,
    );
    expect(lines).toContain(String.raw`Environment="PATH=/a b:/50%%:/q\""`);
    expect(lines).toContain(`Environment="MARK=it's <&> $X"`);
    expect(lines).toContain('WorkingDirectory=/home/100%% me');
  });

  test('SEC-PKG-5: has the limits, the time to drain and the way to stop', () => {
    expect(lines).toEqual(
      expect.arrayContaining([
        'UMask=0077',
        'NoNewPrivileges=no',
        'KillMode=mixed',
        'TimeoutStopSec=45',
        'LimitNOFILE=65536',
        'LimitCORE=0',
        'Restart=on-failure',
        'WantedBy=default.target',
      ]),
    );
  });

  test('SEC-PKG-5: sets nothing that would keep bubblewrap from working', () => {
    const harmful = /^(Restrict|SystemCall|Protect|Private|Lock|MemoryDeny|User|DynamicUser|Capability)/;
    expect(lines.filter((line) => harmful.test(line))).toEqual([]);
  });

  test.skipIf(!has('systemd-analyze'))('is a unit to systemd, which also finds the program', () => {
    const folder = temporaryFolder();
    const program = path.join(folder, 'a b $c %d', 'node');
    mkdirSync(path.dirname(program));
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
    const file = path.join(folder, 'codexd.service');
    const [, ...args] = DEFINITION.command;
    writeFileSync(file, systemdUnit({ ...DEFINITION, command: [program, ...args] }));
    const env = { ...process.env, XDG_RUNTIME_DIR: folder };
    const said = execFileSync('systemd-analyze', ['--user', 'verify', file], { env, encoding: 'utf8' });
    expect(said).toBe('');
    writeFileSync(file, systemdUnit({ ...DEFINITION, command: [`${program}s`, ...args] }));
    const wrong = () => execFileSync('systemd-analyze', ['--user', 'verify', file], { env, stdio: 'pipe' });
    expect(wrong).toThrow(/not executable/);
  });
});

describe('the launchd property list', () => {
  const plist = launchdPlist(DEFINITION);

  test('holds the words as they are, with what is special to XML escaped', () => {
    expect(plist).toContain('<string>/opt/a b $c %d/node</string>');
    expect(plist).toContain("<key>MARK</key>\n<string>it's &lt;&amp;&gt; $X</string>");
    expect(plist).toContain('<string>/home/&lt;me&gt;/service.log</string>');
  });

  test('starts at login, comes back after a failure only, and has time to drain', () => {
    expect(plist).toContain('<key>RunAtLoad</key>\n<true/>');
    expect(plist).toContain('<key>SuccessfulExit</key>\n<false/>');
    expect(plist).toContain('<key>ExitTimeOut</key>\n<integer>45</integer>');
    expect(plist).toContain('<key>Umask</key>\n<integer>63</integer>');
  });
});
