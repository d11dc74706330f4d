import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SandboxUnavailableError } from '../../../src/core/sandbox/unavailable.ts';
import type { SandboxPolicy } from '../../../src/protocol/vocabulary/policies.ts';
import { READ_ONLY, runConfined, sandboxOf, shell, WORKSPACE, withoutBubblewrap } from './confined.ts';
import { createScene } from './scene.ts';

const READ_ONLY_FILE_SYSTEM = expect.stringContaining('Read-only file system');

describe.skipIf(withoutBubblewrap)('writing', () => {
  test('read-only: everything can be read and nothing written', async () => {
    const scene = createScene();
    scene.write('workspace/file', 'text');
    const { stdout, stderr } = await runConfined(scene, ['sh', '-c', 'cat file; echo x > file'], {
      policy: READ_ONLY,
    });
    expect([stdout, stderr]).toEqual(['text', READ_ONLY_FILE_SYSTEM]);
    expect(await shell(scene, 'echo x > /tmp/x', { policy: READ_ONLY })).toEqual([2, READ_ONLY_FILE_SYSTEM]);
    expect(scene.read('workspace/file')).toBe('text');
  });

  test('workspace-write: the workspace and the named roots can be written, other folders not', async () => {
    const scene = createScene();
    mkdirSync(join(scene.root, 'second'));
    const policy = { ...WORKSPACE, writable_roots: ['../second'] };
    expect(await shell(scene, 'echo 1 > new && echo 2 > ../second/new', { policy })).toEqual([0, '']);
    expect(scene.read('second/new')).toBe('2\n');
    expect(await shell(scene, 'echo x > ../outside/new', { policy })).toEqual([2, READ_ONLY_FILE_SYSTEM]);
    expect(readdirSync(scene.outside)).toEqual([]);
  });

  test('a folder that only the command chose as its own is not writable', async () => {
    const scene = createScene();
    expect(await shell(scene, 'echo x > new', { cwd: scene.outside })).toEqual([2, READ_ONLY_FILE_SYSTEM]);
  });

  test('SEC-EXEC-7: a symbolic link in the workspace does not lead out of it', async () => {
    const scene = createScene();
    symlinkSync('../outside', join(scene.workspace, 'relative'));
    for (const script of ['echo x > relative/x', `ln -s ${scene.outside} absolute && echo x > absolute/x`]) {
      expect(await shell(scene, script)).toEqual([2, READ_ONLY_FILE_SYSTEM]);
    }
    expect(readdirSync(scene.outside)).toEqual([]);
  });

  test('a link that a command planted does not become a writable root later', async () => {
    const scene = createScene();
    mkdirSync(join(scene.workspace, 'build'));
    expect(await shell(scene, `rmdir build && ln -s ${scene.outside} build`)).toEqual([0, '']);
    const policy = { ...WORKSPACE, writable_roots: ['build'] };
    expect(await shell(scene, 'echo x > build/x', { policy })).toEqual([2, READ_ONLY_FILE_SYSTEM]);
  });

  test('hard links do not carry a file across the border', async () => {
    const scene = createScene();
    scene.write('outside/file', 'text');
    const [exitCode] = await shell(scene, 'ln ../outside/file mine');
    expect(exitCode).toBe(1);
  });

  test('temporary folders are writable unless excluded', async () => {
    const scene = createScene();
    const temporary = join(scene.root, 'temporary');
    mkdirSync(temporary);
    const [env, name] = [{ TMPDIR: temporary }, `codexd-sandbox-test-${process.pid}`];
    const script = `echo x > /tmp/${name} && rm /tmp/${name}; echo $?; echo x > "$TMPDIR/x"; echo $?`;
    const run = (policy: object) =>
      runConfined(scene, ['sh', '-c', script], { policy: { ...WORKSPACE, ...policy }, env });
    expect((await run({})).stdout).toBe('2\n2\n');
    expect((await run({ exclude_slash_tmp: false })).stdout).toBe('0\n2\n');
    expect((await run({ exclude_tmpdir_env_var: false })).stdout).toBe('2\n0\n');
  });

  test('no other file system is writable', async () => {
    const scene = createScene();
    const writable = async (policy: SandboxPolicy): Promise<string[]> => {
      const { stdout } = await runConfined(scene, ['cat', '/proc/self/mountinfo'], { policy });
      const mounts = stdout.split('\n').map((line) => line.split(' '));
      const paths = mounts
        .filter((fields) => fields[5]?.split(',').includes('rw'))
        .map((fields) => fields[4]);
      return [...new Set(paths.map(String))].sort();
    };
    const devices = [
      '/dev/full',
      '/dev/null',
      '/dev/pts',
      '/dev/random',
      '/dev/shm',
      '/dev/tty',
      '/dev/urandom',
    ];
    const always = [...devices, '/dev/zero'];
    expect(await writable(READ_ONLY)).toEqual(always);
    expect(await writable(WORKSPACE)).toEqual([...always, scene.workspace].sort());
  });

  test('devices: null takes writes, nothing can be added', async () => {
    const scene = createScene();
    const script = 'echo x > /dev/null && mknod node b 8 0; echo x > /dev/new';
    const [exitCode, stderr] = await shell(scene, script);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/mknod: .*Operation not permitted[\s\S]*\/dev\/new: Read-only file system/);
  });
});

describe.skipIf(withoutBubblewrap)('SEC-EXEC-7: project metadata', () => {
  test.each(['.git/hooks/pre-commit', '.git/config', '.codex/config.toml', '.agents/x'])(
    '%s in a writable root is read-only',
    async (path) => {
      const scene = createScene();
      scene.write(`workspace/${path}`, 'before');
      expect(await shell(scene, `echo x > ${path}`)).toEqual([2, READ_ONLY_FILE_SYSTEM]);
      expect(scene.read(`workspace/${path}`)).toBe('before');
    },
  );

  test.each(['.git', '.codex', '.agents'])('%s cannot be made where there is none', async (name) => {
    const scene = createScene();
    const script = `mkdir -p ${name}/hooks || echo x > ${name} || mv ${name} away || rmdir ${name}`;
    const [exitCode, stderr] = await shell(scene, script);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('Device or resource busy')]);
    expect(readdirSync(scene.workspace)).toEqual([]);
  });

  test('stays protected for a command that outlasts another', async () => {
    const scene = createScene();
    const sandbox = sandboxOf(scene);
    const gate = join(scene.outside, 'gate');
    execFileSync('mkfifo', [gate]);
    const started = Promise.withResolvers<void>();
    const script = `echo started; read -r line < ${gate}; mkdir .git/hooks`;
    const longer = shell(scene, script, { sandbox, onOutput: () => started.resolve() });
    await started.promise;
    await runConfined(scene, ['true'], { sandbox });
    expect(existsSync(join(scene.workspace, '.git'))).toBe(true);
    await writeFile(gate, 'go\n');
    expect(await longer).toEqual([1, READ_ONLY_FILE_SYSTEM]);
    expect(readdirSync(scene.workspace)).toEqual([]);
  });

  test('what somebody outside puts into a placeholder stays', async () => {
    const scene = createScene();
    const sandbox = sandboxOf(scene);
    const request = { policy: WORKSPACE, workspace: scene.workspace, cwd: scene.workspace, env: {} };
    const sandboxed = await sandbox.wrap(['true'], request);
    execFileSync('git', ['init', '--quiet'], { cwd: scene.workspace });
    sandboxed.release();
    expect(existsSync(join(scene.workspace, '.git/HEAD'))).toBe(true);
    expect(existsSync(join(scene.workspace, '.codex'))).toBe(false);
  });

  test('git still finds the repository around a workspace', async () => {
    const scene = createScene();
    execFileSync('git', ['init', '--quiet'], { cwd: scene.root });
    const { stdout } = await runConfined(scene, ['git', 'rev-parse', '--show-toplevel'], {
      env: { GIT_CONFIG_GLOBAL: '/dev/null' },
    });
    expect(stdout.trim()).toBe(scene.root);
  });

  test('the repository around a workspace is read-only where a root makes it writable', async () => {
    const scene = createScene();
    scene.write('.git/config', 'before');
    const policy = { ...WORKSPACE, writable_roots: ['..'] };
    expect(await shell(scene, 'echo x > ../.git/config', { policy })).toEqual([2, READ_ONLY_FILE_SYSTEM]);
  });

  test('a worktree cannot write the repository it belongs to', async () => {
    const scene = createScene();
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: scene.outside });
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '-m', 'first');
    git('worktree', 'add', '--quiet', '../outside/tree');
    const tree = join(scene.outside, 'tree');
    const options = { workspace: tree, policy: { ...WORKSPACE, writable_roots: [scene.root] } };
    expect(await shell(scene, 'echo x > ../.git/config', options)).toEqual([2, READ_ONLY_FILE_SYSTEM]);
    expect(await shell(scene, 'echo x > ../.git/worktrees/tree/HEAD', options)).toEqual([
      2,
      READ_ONLY_FILE_SYSTEM,
    ]);
    expect(await shell(scene, 'echo x > .git', options)).toEqual([2, READ_ONLY_FILE_SYSTEM]);
    const [, moved] = await shell(scene, 'mv ../../outside ../../away', options);
    expect(moved).toContain('Device or resource busy');
  });

  test('a link in its place cannot be protected, so nothing runs', async () => {
    const scene = createScene();
    symlinkSync('../outside', join(scene.workspace, '.git'));
    const run = runConfined(scene, ['touch', 'ran']);
    await expect(run).rejects.toThrow(SandboxUnavailableError);
    await expect(run).rejects.toThrow(`${scene.workspace}/.git is a symbolic link`);
    expect(readdirSync(scene.workspace)).toEqual(['.git']);
  });
});

describe.skipIf(withoutBubblewrap)('SEC-EXEC-7: the home of the daemon', () => {
  const around = { writable_roots: ['..'] };

  test('auth.json can be read but neither written nor replaced, whatever root is around it', async () => {
    const scene = createScene();
    const policy = { ...WORKSPACE, ...around };
    const { stdout } = await runConfined(scene, ['cat', '../home/codex/auth.json'], { policy });
    expect(stdout).toBe('credentials');
    for (const script of [
      'echo x > ../home/codex/auth.json',
      'echo x > ../home/codex/new',
      'cp /dev/null ../home/codex/config.toml',
    ]) {
      expect(await shell(scene, script, { policy })).toEqual([expect.any(Number), READ_ONLY_FILE_SYSTEM]);
    }
    expect(scene.read('home/codex/auth.json')).toBe('credentials');
  });

  test.each(['home', 'home/codex', 'workspace'])('%s cannot be moved away from around it', async (name) => {
    const scene = createScene();
    const script = `mv ../${name} ../${name}.away && mkdir -p ../${name}`;
    const [exitCode, stderr] = await shell(scene, script, { policy: { ...WORKSPACE, ...around } });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('Device or resource busy')]);
  });

  test('is not writable as a root or workspace of its own either', async () => {
    const scene = createScene();
    const options = { workspace: scene.codexHome };
    expect(await shell(scene, 'echo x > auth.json', options)).toEqual([2, READ_ONLY_FILE_SYSTEM]);
  });

  test('the token is nowhere to be found', async () => {
    const scene = createScene();
    symlinkSync(join(scene.codexHome, 'codexd'), join(scene.workspace, 'link'));
    const places = [scene.token, `/proc/self/root${scene.token}`, `/proc/1/root${scene.token}`, 'link/token'];
    for (const policy of [READ_ONLY, WORKSPACE, { ...WORKSPACE, ...around, network_access: true }]) {
      const { stdout } = await runConfined(scene, ['cat', ...places], { policy });
      expect(stdout).toBe('');
    }
    const { stdout } = await runConfined(scene, ['ls', '-A', join(scene.codexHome, 'codexd')]);
    expect(stdout).toBe('');
  });

  test('the folder that hides it can be neither written nor unmounted', async () => {
    const scene = createScene();
    const own = join(scene.codexHome, 'codexd');
    expect(await shell(scene, `echo x > ${own}/token`)).toEqual([2, READ_ONLY_FILE_SYSTEM]);
    const [exitCode] = await shell(scene, `umount ${own} || umount -l ${own}`);
    expect(exitCode).not.toBe(0);
  });
});
