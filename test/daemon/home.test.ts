import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultCodexHome, locateHome, openHome } from '../../src/daemon/home.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('CODEX_HOME', () => {
  test('is ~/.codex when the variable is missing or empty', async () => {
    const codexHome = defaultCodexHome();
    expect(await locateHome({})).toEqual({ codexHome, folder: join(codexHome, 'codexd') });
    expect(await locateHome({ CODEX_HOME: '' })).toEqual(await locateHome({}));
  });

  test('may be a symbolic link, which is resolved', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const { codexHome } = await openHome({ CODEX_HOME: join(folder, 'link') });
    expect(codexHome).toBe(realpathSync(join(folder, 'real')));
  });

  test('that does not exist is refused with a remedy and not made', async () => {
    const missing = join(temporaryFolder(), 'missing');
    const remedy = `CODEX_HOME is "${missing}", but there is no such folder. Create it, or unset CODEX_HOME`;
    await expect(openHome({ CODEX_HOME: missing })).rejects.toThrow(remedy);
    await expect(locateHome({ CODEX_HOME: missing })).rejects.toThrow(remedy);
  });

  test('that is a file, or lies below one, is refused', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(locateHome({ CODEX_HOME: file })).rejects.toThrow('not a folder');
    await expect(locateHome({ CODEX_HOME: join(file, 'below') })).rejects.toThrow('ENOTDIR');
  });

  test('SEC-FS-1: that every user can write to is refused unless it is sticky', async () => {
    const home = temporaryFolder();
    chmodSync(home, 0o777);
    await expect(openHome({ CODEX_HOME: home })).rejects.toThrow(`has mode 0777: every user can write to it`);
    chmodSync(home, 0o1777);
    await expect(openHome({ CODEX_HOME: home })).resolves.toMatchObject({ codexHome: home });
  });

  test('SEC-FS-1: a daemon folder that others can enter is refused', async () => {
    const home = temporaryFolder();
    mkdirSync(join(home, 'codexd'), { mode: 0o755 });
    await expect(openHome({ CODEX_HOME: home })).rejects.toThrow(`chmod 700 '${join(home, 'codexd')}'`);
  });
});
