import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { collectGitInfo } from '../../../src/core/context/git-info.ts';
import { createGround, type Ground, noScope, type Repository } from './repository.ts';

/** A program that leaves a trace and passes its input on; each gets a name that the trace tells. */
function trap({ root }: Ground): (name: string) => string {
  const traces = path.join(root, 'traces');
  mkdirSync(traces, { recursive: true });
  return (name) => {
    const program = path.join(root, `trap-${name}`);
    writeFileSync(program, `#!/bin/sh\n: > "${traces}/${name}"\ncat\n`, { mode: 0o755 });
    return program;
  };
}

const traces = ({ root }: Ground): string[] => readdirSync(path.join(root, 'traces'));

/** Every setting by which a repository could make one of our commands run something. */
function boobyTrap(ground: Ground, work: Repository, name: string): void {
  const program = trap(ground);
  const settings: Record<string, string> = {
    'core.fsmonitor': program(`${name}-fsmonitor`),
    'core.hooksPath': path.join(ground.root, `${name}-hooks`),
    'core.sshCommand': program(`${name}-ssh`),
    'core.pager': program(`${name}-pager`),
    'core.askPass': program(`${name}-askpass`),
    'credential.helper': program(`${name}-credential`),
    'diff.external': program(`${name}-external`),
    [`diff.${name}.textconv`]: program(`${name}-textconv`),
    [`diff.${name}.command`]: program(`${name}-command`),
    'diff.submodule': 'diff',
    [`filter.${name}.clean`]: program(`${name}-clean`),
    [`filter.${name}.required`]: 'true',
    [`filter.${name}-long.process`]: program(`${name}-process`),
    [`filter.${name}-long.required`]: 'true',
    'remote.origin.uploadpack': program(`${name}-uploadpack`),
    'pager.diff': program(`${name}-pagerdiff`),
    'alias.diff': `!${program(`${name}-alias`)}`,
  };
  for (const [key, value] of Object.entries(settings)) work.git('config', key, value);
  for (const hook of ['post-index-change', 'reference-transaction', 'post-checkout']) {
    const file = path.join(ground.root, `${name}-hooks`, hook);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\nexec "${program(`${name}-hook`)}" </dev/null\n`, { mode: 0o755 });
  }
}

describe('a repository that means harm', () => {
  test('gets none of its programs run, nor those of its submodules', async () => {
    const ground = createGround();
    ground
      .repository('library')
      .commit({ 'l.txt': 'l\n', '.gitattributes': '*.txt filter=inner diff=inner\n' });
    const work = ground.pushed();
    work.git('submodule', '--quiet', 'add', '../library', 'sub');
    work.commit({
      '.gitattributes': '*.txt filter=outer diff=outer\n*.other filter=outer-long\n',
      'x.other': 'x\n',
    });
    work.git('push', '-q', 'origin', 'main');
    work.git('checkout', '-q', '-b', 'mine');
    boobyTrap(ground, ground.repository('work/sub'), 'inner');
    boobyTrap(ground, work, 'outer');
    for (const name of ['a.txt', 'x.other', 'new.txt', 'new.other']) work.write(name, 'changed\n');
    // Of the same size, so that git has to look into it.
    work.write('sub/l.txt', 'L\n');
    const { diff } = await work.diff();
    expect(traces(ground)).toEqual([]);
    expect(diff.match(/^\+changed$/gm)).toHaveLength(4);
    expect(diff).toContain('-dirty');
    await collectGitInfo(work.folder);
    expect(traces(ground)).toEqual([]);
  });

  test('does so when git is asked plainly, or the test would show nothing', () => {
    const ground = createGround();
    const work = ground.pushed();
    work.commit({ '.gitattributes': '*.txt filter=outer diff=outer\n' });
    boobyTrap(ground, work, 'outer');
    work.write('a.txt', 'changed\n');
    work.git('config', '--unset', 'alias.diff');
    try {
      work.git('diff');
    } catch {
      // Some of the traps make git fail.
    }
    expect(traces(ground).length).toBeGreaterThan(1);
  });

  test('keeps the filters of the user, also those that it redefines', async () => {
    const ground = createGround();
    const work = ground.pushed();
    writeFileSync(path.join(ground.root, 'shout'), '#!/bin/sh\ntr a-z A-Z\n', { mode: 0o755 });
    work.git('config', '--global', 'filter.shout.clean', path.join(ground.root, 'shout'));
    work.git('config', 'filter.shout.clean', trap(ground)('clean'));
    work.write('.gitattributes', '*.loud filter=shout\n');
    work.write('new.loud', 'hello\n');
    expect((await work.diff()).diff).toContain('+HELLO\n');
    expect(traces(ground)).toEqual([]);
  });

  test('is refused when a filter has a name that could not be overruled', async () => {
    const ground = createGround();
    const work = ground.pushed();
    work.git('config', 'filter.a=b.clean', trap(ground)('clean'));
    work.write('.gitattributes', '* filter=a=b\n');
    work.write('a.txt', 'changed\n');
    await expect(work.diff()).rejects.toMatchObject({ fault: 'failed' });
    expect(traces(ground)).toEqual([]);
  });

  test('is not fetched from: neither a missing object nor the default branch', async () => {
    const ground = createGround();
    const source = ground.pushed('source');
    source.git('config', 'uploadpack.allowFilter', 'true');
    source.git('clone', '-q', '--no-checkout', '--filter=blob:none', `file://${source.folder}`, '../work');
    const work = ground.repository('work');
    work.git('config', 'remote.origin.uploadpack', trap(ground)('uploadpack'));
    work.git('read-tree', 'HEAD');
    work.write('a.txt', 'changed\n');
    await expect(work.diff()).rejects.toMatchObject({ fault: 'failed' });
    work.git('remote', 'set-url', 'origin', `ext::${trap(ground)('ext')}`);
    work.git('config', 'protocol.ext.allow', 'always');
    work.git('remote', 'set-head', 'origin', '-d');
    work.git('checkout', '-q', '-b', 'mine');
    await expect(work.diff()).rejects.toMatchObject({ name: 'DiffError' });
    expect(traces(ground)).toEqual([]);
  });

  test('cannot pass options to git by the name of a branch or of a remote', async () => {
    const ground = createGround();
    const work = ground.pushed();
    const sha = work.git('rev-parse', 'HEAD');
    const evil = '--output=stolen';
    work.git('update-ref', `refs/heads/${evil}`, sha);
    work.git('update-ref', `refs/remotes/origin/${evil}`, sha);
    work.git('symbolic-ref', 'HEAD', `refs/heads/${evil}`);
    work.write(
      '.git/config',
      '[remote "--upload-pack=touch stolen"]\nurl = ../origin.git\n[remote "origin"]\nurl = ../origin.git\n',
    );
    work.write('a.txt', 'changed\n');
    expect((await work.diff()).sha).toBe(sha);
    expect(readdirSync(work.folder).filter((name) => name.includes('stolen'))).toEqual([]);
  });

  test('is not looked for in folders of PATH that are relative', async () => {
    const ground = createGround();
    const work = ground.pushed();
    writeFileSync(path.join(work.folder, 'git'), `#!/bin/sh\n"${trap(ground)('git')}"\n`, { mode: 0o755 });
    const host = { env: { ...ground.env, PATH: `.:${ground.env.PATH}` }, processes: noScope };
    await work.diff({ host });
    expect(traces(ground)).toEqual([]);
  });

  test('cannot be swapped for another one by the variables of the daemon', async () => {
    const ground = createGround();
    const work = ground.pushed();
    work.write('a.txt', 'changed\n');
    const program = trap(ground);
    const other = ground.repository('other').folder;
    const env = {
      ...ground.env,
      GIT_DIR: path.join(other, '.git'),
      GIT_WORK_TREE: other,
      GIT_INDEX_FILE: path.join(other, 'index'),
      GIT_EXTERNAL_DIFF: program('external'),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.fsmonitor',
      GIT_CONFIG_VALUE_0: program('fsmonitor'),
      GIT_CONFIG_PARAMETERS: `'core.fsmonitor=${program('parameters')}'`,
      GIT_SSH_COMMAND: program('ssh'),
      GIT_TRACE: path.join(ground.root, 'trace'),
    };
    expect((await work.diff({ host: { env, processes: noScope } })).diff).toContain('+changed');
    expect([traces(ground), existsSync(path.join(ground.root, 'trace'))]).toEqual([[], false]);
  });

  test('is not taken for one where a bare repository lies in the work tree', async () => {
    const ground = createGround();
    const work = ground.pushed();
    work.git('init', '-q', '--bare', 'inner');
    work.git('-C', 'inner', 'config', 'core.bare', 'false');
    work.git('-C', 'inner', 'config', 'core.worktree', '.');
    await expect(work.diff({ below: 'inner' })).rejects.toMatchObject({ fault: 'no_repository' });
  });
});
