import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { spawn as spawnTerminal } from '@lydell/node-pty';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type StandingDaemon, startStandingDaemon } from '../support/standing-daemon.ts';

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');
const run = promisify(execFile);

function has(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn(`${shell} is not here: its completion is not tested`);
    return false;
  }
}

describe('completion', { timeout: 30_000 }, () => {
  const bin = mkdtempSync(path.join(os.tmpdir(), 'codexd-completion-'));
  let standing: StandingDaemon;
  let env: NodeJS.ProcessEnv;
  let stored: string;
  let archived: string;

  const script = (shell: string) => path.join(bin, `codexd.${shell}`);

  beforeAll(async () => {
    standing = await startStandingDaemon();
    const command = path.join(bin, 'codexd');
    writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
    chmodSync(command, 0o755);
    env = { ...process.env, HOME: bin, CODEX_HOME: standing.home, PATH: `${bin}:${process.env.PATH}` };
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { stdout } = await standing.cli(['completion', shell]);
      writeFileSync(script(shell), stdout);
    }
    const talk = async (text: string) => {
      const { stdout } = await standing.cli(['chat', '--json', '-s', 'danger-full-access', text]);
      return JSON.parse(stdout.split('\n')[0] ?? '').conversationId as string;
    };
    stored = await talk('the first words');
    archived = await talk('put away');
    await standing.cli(['archive', archived]);
  });

  afterAll(async () => {
    await standing?.[Symbol.asyncDispose]();
    rmSync(bin, { recursive: true, force: true });
  });

  async function inBash(...words: string[]): Promise<string[]> {
    const program = `source ${script('bash')}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _codexd; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['-c', program, 'bash', 'codexd', ...words], { env });
    return stdout.trim().split('\n');
  }

  test('in bash: commands, parts of a command, flags, values and conversations', async () => {
    expect(await inBash('arch')).toEqual(['archive']);
    expect(await inBash('service', 'un')).toEqual(['uninstall']);
    expect(await inBash('list', '--st')).toEqual(['--start']);
    expect(await inBash('chat', '--sandbox', 'work')).toEqual(['workspace-write']);
    expect(await inBash('show', '')).toEqual([stored]);
    expect(await inBash('unarchive', archived.slice(0, 8))).toEqual([archived]);
    expect(await inBash('')).not.toContain('__conversations');
  });

  test.skipIf(!has('fish'))('in fish: the same, with what was said first as the description', async () => {
    const inFish = async (line: string) => {
      const program = `source ${script('fish')}; complete -C ${JSON.stringify(line)}`;
      return (await run('fish', ['--no-config', '-c', program], { env })).stdout.trim().split('\n');
    };
    expect(await inFish('codexd arch')).toEqual([expect.stringMatching(/^archive\t/)]);
    expect(await inFish('codexd service un')).toEqual(['uninstall']);
    expect(await inFish('codexd list --st')).toEqual([expect.stringMatching(/^--start\t/)]);
    expect(await inFish('codexd chat --sandbox work')).toEqual([expect.stringMatching(/^workspace-write\t/)]);
    expect(await inFish('codexd show ')).toEqual([`${stored}\tthe first words`]);
    expect(await inFish('codexd unarchive ')).toEqual([`${archived}\tput away`]);
  });

  test.skipIf(!has('zsh'))('in zsh: the same, at the press of the key', async () => {
    const shell = spawnTerminal('zsh', ['-f', '-i'], { cols: 200, rows: 50, cwd: bin, env });
    onTestFinished(() => shell.kill('SIGKILL'));
    let shown = '';
    const sees = (wanted: string) =>
      expect.poll(() => stripVTControlCharacters(shown), { timeout: 15_000 }).toContain(wanted);
    shell.onData((text) => {
      shown += text;
    });
    shell.write(`autoload -Uz compinit; compinit -u -D; source ${script('zsh')}; PS1=; echo rea''dy\r`);
    await sees('ready\r\n');
    const lines: [typed: string, completed: string][] = [
      ['codexd arch\t', 'codexd archive'],
      ['codexd service un\t', 'codexd service uninstall'],
      ['codexd list --st\t', 'codexd list --start'],
      ['codexd chat --sandbox work\t', 'codexd chat --sandbox workspace-write'],
      [`codexd show ${stored.slice(0, 4)}\t`, `codexd show ${stored}`],
      [`codexd unarchive ${archived.slice(0, 4)}\t`, `codexd unarchive ${archived}`],
    ];
    for (const [typed, completed] of lines) {
      shown = '';
      shell.write(typed);
      await sees(completed);
      shell.write('\u0015');
    }
  });

  test('offers no conversation, and says nothing, where no daemon runs', async () => {
    const nowhere = { ...env, CODEX_HOME: bin };
    const began = performance.now();
    expect(await run('codexd', ['__conversations', 'stored'], { env: nowhere })).toEqual({
      stdout: '',
      stderr: '',
    });
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});
