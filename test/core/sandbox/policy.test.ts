import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type RestrictingPolicy, resolveAccess } from '../../../src/core/sandbox/policy.ts';
import { createScene, type Scene } from './scene.ts';

const NO_TEMPORARY = { exclude_slash_tmp: true, exclude_tmpdir_env_var: true };
const METADATA = ['.git', '.codex', '.agents'];

function accessIn(scene: Scene, policy: Partial<RestrictingPolicy>, env: Record<string, string> = {}) {
  const { workspace, codexHome } = scene;
  return resolveAccess({ mode: 'workspace-write', ...policy } as RestrictingPolicy, {
    workspace,
    codexHome,
    env,
  });
}

async function rootsIn(...args: Parameters<typeof accessIn>): Promise<string[]> {
  return (await accessIn(...args)).writableRoots.map(({ root }) => root);
}

const below = (folder: string): string[] => METADATA.map((name) => join(folder, name));

describe('what a policy allows', () => {
  test('read-only allows nothing', async () => {
    const around = { workspace: '/', env: { TMPDIR: '/tmp' }, codexHome: '/nowhere' };
    expect(await resolveAccess({ mode: 'read-only' }, around)).toEqual({ writableRoots: [], network: false });
  });

  test('workspace-write allows the workspace and /tmp, and no network', async () => {
    const scene = createScene();
    const { writableRoots, network } = await accessIn(scene, {});
    expect(network).toBe(false);
    expect(writableRoots[0]).toEqual({ root: scene.workspace, readOnlyBelow: below(scene.workspace) });
    expect(writableRoots[1]?.root).toBe(realpathSync('/tmp'));
  });

  test('network_access allows the network', async () => {
    expect(await accessIn(createScene(), { network_access: true })).toMatchObject({ network: true });
  });

  test('writable_roots are taken from the workspace, and those that do not exist are left out', async () => {
    const scene = createScene();
    const writable_roots = ['../outside', 'absent', scene.outside];
    expect(await rootsIn(scene, { ...NO_TEMPORARY, writable_roots })).toEqual([
      scene.workspace,
      scene.outside,
    ]);
  });

  test.each([
    ['an absolute folder', (scene: Scene) => scene.outside, true],
    ['a relative path', () => 'outside', false],
    ['a folder that does not exist', (scene: Scene) => join(scene.root, 'absent'), false],
  ])('TMPDIR counts when it is %s', async (_name, value, counts) => {
    const scene = createScene();
    const roots = await rootsIn(scene, { exclude_slash_tmp: true }, { TMPDIR: value(scene) });
    expect(roots).toEqual(counts ? [scene.workspace, scene.outside] : [scene.workspace]);
  });

  test('a workspace given by a link is its target', async () => {
    const scene = createScene();
    symlinkSync(scene.workspace, join(scene.root, 'link'));
    const linked = { ...scene, workspace: join(scene.root, 'link') };
    expect(await rootsIn(linked, NO_TEMPORARY)).toEqual([scene.workspace]);
  });

  test.each(['direct', 'folder/through', 'chain'])(
    'a root that a link in another root leads to: %s',
    async (name) => {
      const scene = createScene();
      mkdirSync(join(scene.workspace, 'folder'));
      mkdirSync(join(scene.outside, 'through'));
      symlinkSync(scene.outside, join(scene.workspace, 'direct'));
      symlinkSync('direct', join(scene.workspace, 'chain'));
      symlinkSync(join(scene.outside, 'through'), join(scene.workspace, 'folder/through'));
      expect(await rootsIn(scene, { ...NO_TEMPORARY, writable_roots: [name] })).toEqual([scene.workspace]);
    },
  );

  test('links that stay inside the root are followed', async () => {
    const scene = createScene();
    mkdirSync(join(scene.workspace, 'folder'));
    symlinkSync('folder', join(scene.workspace, 'link'));
    const roots = await rootsIn(scene, { ...NO_TEMPORARY, writable_roots: ['link'] });
    expect(roots).toEqual([scene.workspace, join(scene.workspace, 'folder')]);
  });

  test('no root is in the home of the daemon or belongs to the kernel', async () => {
    const scene = createScene();
    const writable_roots = [scene.codexHome, join(scene.codexHome, 'codexd'), '/proc/self', '/sys/kernel'];
    expect(await rootsIn(scene, { ...NO_TEMPORARY, writable_roots })).toEqual([scene.workspace]);
  });
});

describe('what stays read-only', () => {
  test('the home of the daemon, inside whichever root', async () => {
    const scene = createScene();
    const { writableRoots } = await accessIn(scene, { ...NO_TEMPORARY, writable_roots: ['..'] });
    expect(writableRoots[1]).toEqual({
      root: scene.root,
      readOnlyBelow: [...below(scene.workspace), ...below(scene.root), scene.codexHome],
    });
  });

  test('not what is named as a root itself', async () => {
    const scene = createScene();
    scene.write('workspace/.git/HEAD');
    const { writableRoots } = await accessIn(scene, { ...NO_TEMPORARY, writable_roots: ['.git'] });
    expect(writableRoots[0]?.readOnlyBelow).not.toContain(join(scene.workspace, '.git'));
    expect(writableRoots[0]?.readOnlyBelow).toContain(join(scene.workspace, '.codex'));
  });

  test('in a temporary folder only what is there', async () => {
    const scene = createScene();
    scene.write('outside/.codex/config.toml');
    const { writableRoots } = await accessIn(scene, { exclude_slash_tmp: true }, { TMPDIR: scene.outside });
    expect(writableRoots[1]?.readOnlyBelow).toEqual([join(scene.outside, '.codex')]);
  });

  test('nothing below a root that is a file', async () => {
    const scene = createScene();
    const writable_roots = [scene.write('outside/file')];
    const { writableRoots } = await accessIn(scene, { ...NO_TEMPORARY, writable_roots });
    expect(writableRoots[1]?.readOnlyBelow).toEqual([]);
  });

  test.each([
    ['a worktree', '../outside/main/.git/worktrees/w\n', '../..\n', ['/.git/worktrees/w', '/.git']],
    ['a submodule', '../outside/main/.git/modules/m\n', undefined, ['/.git/modules/m']],
    ['a pointer to nowhere', '../outside/absent\n', undefined, []],
  ])('the repository of %s', async (_name, gitDir, commonDir, expected) => {
    const scene = createScene();
    for (const folder of ['worktrees/w', 'modules/m']) {
      scene.write(`outside/main/.git/${folder}/HEAD`);
      if (commonDir) scene.write(`outside/main/.git/${folder}/commondir`, commonDir);
    }
    scene.write('workspace/.git', `gitdir: ${gitDir}`);
    const { writableRoots } = await accessIn(scene, { ...NO_TEMPORARY, writable_roots: ['../outside'] });
    const repository = writableRoots[1]?.readOnlyBelow.filter((path) => path.includes('/main/'));
    expect(repository).toEqual(expected.map((path) => `${scene.outside}/main${path}`));
  });
});
