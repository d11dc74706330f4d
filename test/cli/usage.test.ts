import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../daemon/temporary-folder.ts';
import { runCli } from './command-line.ts';

const usage = async (...args: string[]) => runCli(args, { home: temporaryFolder() });

describe('the command line', () => {
  test('prints its help on stdout when asked and when called bare', async () => {
    const [asked, bare] = await Promise.all([usage('--help'), usage()]);
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    expect(bare).toEqual(asked);
    expect(asked.stdout).toContain('serve');
  });

  test('SEC-DISC-1: shows the documented curl line in its help, character for character', async () => {
    const { stdout } = await usage('--help');
    const line = 'curl -H "Authorization: Bearer $(codexd token)" $(codexd url)/v1/user-agent';
    expect(stdout.split('\n').map((text) => text.trim())).toContain(line);
  });

  test('prints the version of the package', async () => {
    const path = new URL('../../package.json', import.meta.url);
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
    expect(await usage('--version')).toMatchObject({ code: 0, stdout: `codexd ${version}\n` });
  });

  test.each([
    [['serve', '--prot', '1'], /Did you mean --port/],
    [['sevre'], /Did you mean serve/],
    [['status', 'extra'], /too many arguments/],
    [['serve', '--port'], /argument missing/],
    [['serve', '--port', '65536'], /from 0 to 65535/],
    [['serve', '--port', '-1'], /from 0 to 65535|argument missing/],
    [['serve', '--log-level', 'loud'], /Allowed choices are trace/],
    [['serve', '--log-format', 'xml'], /Allowed choices are json/],
    [['serve', '-c', 'no-equals-sign'], /-c/],
  ])('refuses %j with exit code 2 and says why', async (args, message) => {
    const { code, stdout, stderr } = await usage(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test.each(['0.0.0.0', '::', '192.168.1.5', '127.0.0.1.example.invalid'])(
    'SEC-BIND-1: refuses to listen on %s with exit code 2',
    async (host) => {
      const { code, stderr } = await usage('serve', '--host', host);
      expect(code).toBe(2);
      expect(stderr).toMatch(/ssh -N -L|cannot be resolved/);
    },
  );
});
