import { expect, test } from 'vitest';
import type { ShellEnvironmentPolicy } from '../../../src/core/config/types.ts';
import { commandEnvironment } from '../../../src/core/exec/environment.ts';

const ENV = {
  HOME: '/h',
  PATH: '/bin',
  LANG: 'C',
  USER: 'me',
  home: 'lower',
  MY_PLAIN: '1',
  MY_KEY: '2',
  monkey: '3',
  AccessToken: '4',
  CLIENT_SECRET_ID: '5',
  AWS_REGION: 'x',
  'A.B': 'dot',
  UNSET: undefined,
};

function namesUnder(policy: Partial<ShellEnvironmentPolicy>, env: Record<string, string | undefined> = ENV) {
  return Object.keys(resolve(policy, env)).sort();
}

function resolve(policy: Partial<ShellEnvironmentPolicy>, env: Record<string, string | undefined> = ENV) {
  const defaults: ShellEnvironmentPolicy = {
    inherit: 'all',
    ignoreDefaultExcludes: false,
    exclude: [],
    set: {},
    includeOnly: [],
  };
  return commandEnvironment({ ...defaults, ...policy }, env);
}

test('SEC-EXEC-1: names with KEY, SECRET or TOKEN in any case are left out by default', () => {
  expect(namesUnder({})).toEqual(['A.B', 'AWS_REGION', 'HOME', 'LANG', 'MY_PLAIN', 'PATH', 'USER', 'home']);
});

test('the default excludes can be switched off', () => {
  expect(namesUnder({ ignoreDefaultExcludes: true })).toEqual(
    Object.keys(ENV)
      .filter((name) => name !== 'UNSET')
      .sort(),
  );
});

test('core inherits the nine usual names exactly as they are spelled', () => {
  const usual = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TEMP', 'TMP', 'TMPDIR', 'USER', 'USERNAME'];
  const env = Object.fromEntries([...usual, 'LANG', 'home', 'Path'].map((name) => [name, 'x']));
  expect(namesUnder({ inherit: 'core' }, env)).toEqual(usual);
});

test('none inherits nothing', () => {
  expect(resolve({ inherit: 'none' })).toEqual({});
});

test('exclude globs match whole names in any case', () => {
  expect(namesUnder({ exclude: ['aws_*', 'my_pl?in', 'a.b', 'ang', 'l*g'] })).toEqual([
    'HOME',
    'PATH',
    'USER',
    'home',
  ]);
});

test('only * and ? are special in a glob', () => {
  const env = { 'A.B': '1', AXB: '2', 'C[D]': '3', CD: '4' };
  expect(namesUnder({ exclude: ['a.b', 'c[d]'] }, env)).toEqual(['AXB', 'CD']);
});

test('what the policy sets is kept although an exclude would match it', () => {
  expect(resolve({ inherit: 'none', exclude: ['FOO'], set: { FOO: 'x', API_KEY: 'k' } })).toEqual({
    FOO: 'x',
    API_KEY: 'k',
  });
});

test('what the policy sets replaces what is inherited', () => {
  expect(resolve({ set: { USER: 'other' } })).toMatchObject({ USER: 'other' });
});

test('include_only leaves only matching names, set ones too', () => {
  expect(resolve({ includeOnly: ['p?th', 'MY_*'], set: { MY_OWN: '1', OTHER: '2' } })).toEqual({
    PATH: '/bin',
    MY_PLAIN: '1',
    MY_OWN: '1',
  });
});

const DAEMON_ONLY = {
  CODEXD_LOG: 'debug',
  CODEXD_URL: 'http://127.0.0.1',
  NOTIFY_SOCKET: '/n',
  LISTEN_FDS: '1',
  CREDENTIALS_DIRECTORY: '/c',
  NODE_OPTIONS: '--inspect',
  LD_PRELOAD: '/x.so',
  DYLD_INSERT_LIBRARIES: '/x.dylib',
};

test('SEC-EXEC-1: what belongs to the daemon is never inherited', () => {
  expect(resolve({ ignoreDefaultExcludes: true }, { ...DAEMON_ONLY, PATH: '/bin' })).toEqual({
    PATH: '/bin',
  });
});

test('a name that is never inherited can still be set', () => {
  expect(resolve({ set: { NODE_OPTIONS: '--no-warnings' } }, DAEMON_ONLY)).toEqual({
    NODE_OPTIONS: '--no-warnings',
  });
});
