import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { realFileSystem } from '../../../src/core/files/file-system.ts';
import { CANARY, chatGptFile, X, Y } from '../../support/auth/tokens.ts';
import { createAuthHome, openManager } from './auth-home.ts';

const KEY = `sk-${CANARY}-1`;

describe('a login with an API key', () => {
  it('is on disk, private, and in force when the call returns', async () => {
    const home = createAuthHome();
    const manager = openManager(home);
    await manager.loginApiKey(KEY);
    expect(home.read()).toEqual({ OPENAI_API_KEY: KEY });
    expect(home.mode()).toBe(0o600);
    expect(await manager.credential.current()).toEqual({ mode: 'apikey', token: KEY });
    expect(manager.secrets).toContain(KEY);
    expect(readdirSync(home.folder)).toEqual(['auth.json']);
  });

  it('SEC-FS-2: replaces a login of another kind, and makes a file private that was not', async () => {
    const home = createAuthHome();
    home.write({ ...chatGptFile(X), theirs: 1 });
    chmodSync(home.file, 0o644);
    const manager = openManager(home);
    expect((await manager.credential.status({ refresh: false })).method).toBe('chatgpt');
    expect(manager.log.filter(({ level }) => level === 'warn')).toMatchObject([{ details: { mode: '644' } }]);
    await manager.loginApiKey(KEY);
    expect(home.read()).toEqual({ OPENAI_API_KEY: KEY, theirs: 1 });
    expect(home.mode()).toBe(0o600);
  });

  it('changes nothing when it cannot be stored, and says so without the key', async () => {
    const home = createAuthHome(chatGptFile(X));
    const rename = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC', errno: -28 }));
    const manager = openManager(home, { fs: { ...realFileSystem, rename } });
    const failed = manager.loginApiKey(KEY);
    await expect(failed).rejects.toThrow('failed to save api key: No space left on device (os error 28)');
    expect((await manager.credential.status({ refresh: false })).method).toBe('chatgpt');
    expect(manager.seen).toEqual([]);
    expect(readdirSync(home.folder)).toEqual(['auth.json']);
  });

  it('is refused where the configuration wants ChatGPT logins, and the other way round', async () => {
    const home = createAuthHome();
    const chatgpt = openManager(home, { forcedMethod: 'chatgpt' });
    await expect(chatgpt.loginApiKey(KEY)).rejects.toMatchObject({ kind: 'method_not_allowed' });
    const apikey = openManager(home, { forcedMethod: 'apikey' });
    await expect(apikey.loginChatGpt()).rejects.toMatchObject({ kind: 'method_not_allowed' });
    expect(readdirSync(home.folder)).toEqual([]);
  });
});

describe('a logout', () => {
  it('removes the file and tells of it, also when nobody was signed in', async () => {
    const home = createAuthHome({ OPENAI_API_KEY: KEY });
    const manager = openManager(home);
    await manager.logout();
    await manager.logout();
    expect(readdirSync(home.folder)).toEqual([]);
    expect(await manager.credential.current()).toBeUndefined();
    expect(manager.seen.map(({ cause }) => cause)).toEqual(['logout', 'logout']);
  });
});

describe('SEC-FS-2: a file behind a symbolic link', () => {
  it('is written and removed where it really is, and the link stays', async () => {
    const home = createAuthHome();
    const elsewhere = path.join(home.folder, 'dotfiles');
    mkdirSync(elsewhere);
    symlinkSync('dotfiles/auth.json', home.file);
    const manager = openManager(home);
    await manager.loginApiKey(KEY);
    expect(lstatSync(home.file).isSymbolicLink()).toBe(true);
    expect(readdirSync(elsewhere)).toEqual(['auth.json']);
    expect(lstatSync(path.join(elsewhere, 'auth.json')).mode & 0o777).toBe(0o600);
    await manager.logout();
    expect(lstatSync(home.file).isSymbolicLink()).toBe(true);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('is noticed when it changes there', async () => {
    const home = createAuthHome();
    mkdirSync(path.join(home.folder, 'dotfiles'));
    symlinkSync('dotfiles/auth.json', home.file);
    const manager = openManager(home);
    await manager.credential.current();
    home.write({ OPENAI_API_KEY: KEY });
    expect(await manager.nextChange()).toMatchObject({ cause: 'outside', identity: { apiKey: KEY } });
  });
});

describe('SEC-REF-6: a change by another program', () => {
  it('REL-MP-5: is told of once, within a second, however it was made', async () => {
    const home = createAuthHome();
    const manager = openManager(home);
    await manager.credential.current();
    const replacement = path.join(home.folder, 'new');
    const replaceWith = (content: object): void => {
      writeFileSync(replacement, JSON.stringify(content));
      renameSync(replacement, home.file);
    };
    const ways: [() => void, string | undefined][] = [
      [() => home.write({ OPENAI_API_KEY: KEY }), 'apikey'],
      [() => replaceWith(chatGptFile(X)), 'chatgpt'],
      [() => home.write(chatGptFile(Y)), 'chatgpt'],
      [() => rmSync(home.file), undefined],
      [() => home.write({ OPENAI_API_KEY: `${KEY}2` }), 'apikey'],
    ];
    for (const [change, method] of ways) {
      const start = performance.now();
      change();
      expect(await manager.nextChange()).toMatchObject({ cause: 'outside', identity: { method } });
      expect(performance.now() - start).toBeLessThan(1000);
    }
    expect(manager.seen).toHaveLength(ways.length);
  });

  it('is in force for the next request at once, before anybody was told', async () => {
    const home = createAuthHome(chatGptFile(X));
    const manager = openManager(home);
    expect(await manager.credential.current()).toMatchObject({ accountId: X.id });
    home.write(chatGptFile(Y));
    expect(await manager.credential.current()).toMatchObject({ accountId: Y.id });
    expect(await manager.allegedEmail()).toBe(Y.email);
  });

  it('that changes no credential is none, and our own writing is no change by others', async () => {
    const home = createAuthHome({ OPENAI_API_KEY: KEY });
    const manager = openManager(home);
    await manager.credential.current();
    utimesSync(home.file, 1, 1);
    home.write(`${JSON.stringify({ OPENAI_API_KEY: KEY }, null, 4)}\n`);
    await manager.credential.current();
    await manager.loginApiKey(`${KEY}2`);
    await manager.credential.current();
    home.write({ OPENAI_API_KEY: `${KEY}3` });
    await manager.credential.current();
    expect(manager.seen.map(({ cause, identity }) => [cause, identity.apiKey])).toEqual([
      ['login', `${KEY}2`],
      ['outside', `${KEY}3`],
    ]);
  });
});

describe('SEC-REF-5: a file that cannot be understood', () => {
  it('is one being written at first: the login from before stays in force and nobody hears of it', async () => {
    const home = createAuthHome(chatGptFile(X));
    const manager = openManager(home);
    await manager.credential.current();
    home.write('');
    expect(await manager.credential.current()).toMatchObject({ accountId: X.id });
    home.write('{"OPENAI_API_KEY":');
    expect(await manager.credential.current()).toMatchObject({ accountId: X.id });
    home.write(chatGptFile(Y));
    expect((await manager.nextChange()).identity.tokens?.accountId).toBe(Y.id);
    expect(manager.seen).toHaveLength(1);
  });

  it('is no login after a second, and is left as it is', async () => {
    const home = createAuthHome(chatGptFile(X));
    const manager = openManager(home);
    await manager.credential.current();
    home.write('{"tokens":');
    const { cause, identity } = await manager.nextChange();
    expect([cause, identity.method]).toEqual(['outside', undefined]);
    expect(await manager.credential.current()).toBeUndefined();
    expect(manager.log.map(({ message }) => message)).toContain(
      'auth.json cannot be understood: nobody is signed in',
    );
    await manager.loginApiKey(KEY);
    expect(home.read()).toEqual({ OPENAI_API_KEY: KEY });
  });

  it('may be a pipe or a folder, which nobody waits for', async () => {
    const pipe = createAuthHome();
    execFileSync('mkfifo', [pipe.file]);
    const folder = createAuthHome();
    mkdirSync(folder.file);
    for (const home of [pipe, folder]) {
      expect((await openManager(home).credential.status({ refresh: false })).method).toBeUndefined();
    }
  });

  it('is told apart from a login without content, which requests are not sent with', async () => {
    const manager = openManager(createAuthHome({ tokens: null }));
    await expect(manager.credential.current()).rejects.toThrow('Token data is not available.');
    expect((await manager.credential.status({ refresh: false })).method).toBeUndefined();
  });
});

it('what a killed writer left behind is removed, when it is old enough to be certain', async () => {
  const home = createAuthHome();
  const [old, young] = ['0', '1'].map((digit) =>
    path.join(home.folder, `.auth.json.${digit.repeat(16)}.tmp`),
  );
  for (const file of [old, young]) writeFileSync(file ?? '', 'x');
  utimesSync(old ?? '', 1, 1);
  openManager(home);
  await expect.poll(() => readdirSync(home.folder)).toEqual([path.basename(young ?? '')]);
});
