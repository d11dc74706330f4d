import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../../src/core/config/load.ts';
import { savedConfig } from '../../../src/core/config/saved.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'config-load-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function load(content: string | Uint8Array) {
  await writeFile(path.join(home, 'config.toml'), content);
  return loadConfig(home);
}

async function failure(content: string | Uint8Array): Promise<ConfigError> {
  const error = await load(content).catch((caught: unknown) => caught);
  if (!(error instanceof ConfigError)) throw new Error(`expected a ConfigError, got ${String(error)}`);
  return error;
}

describe('loadConfig', () => {
  test('takes a missing file, and a missing home, as an empty table', async () => {
    expect(await loadConfig(home)).toEqual({});
    expect(await loadConfig(path.join(home, 'nowhere'))).toEqual({});
  });

  test('skips a byte order mark and keeps keys that nobody knows', async () => {
    expect(await load('\ufeffmodel = "o3"\n[mine]\nx = [1, { y = true }]\n')).toEqual({
      model: 'o3',
      mine: { x: [1, { y: true }] },
    });
  });

  test('keeps dates as text and integers of 64 bits as numbers', async () => {
    const table = await load('day = 2024-01-31\nat = 07:32:00\nbig = 9223372036854775807\n');
    expect(table).toEqual({ day: '2024-01-31', at: '07:32:00.000', big: 2 ** 63 });
  });

  test.each([
    ['an open list', 'a = 1\nb = [1,\n', 3, 1],
    ['a repeated key', 'model = "a"\nmodel = "b"\n', 2, 1],
    ['an open string', 'a = 1\r\nb = 2\r\nc = "x\r\n', 3, 7],
  ])('names file, line and column of %s', async (_, content, line, column) => {
    const error = await failure(content);
    const place = `TOML parse error at line ${line}, column ${column} of ${path.join(home, 'config.toml')}: `;
    expect(error).toMatchObject({ kind: 'syntax', line, column });
    expect(error.message.startsWith(place)).toBe(true);
    expect(error.message.length).toBeGreaterThan(place.length);
    expect(error.fileMessage).toBe(`failed to load config.toml: ${error.message}`);
  });

  test('quotes nothing of a broken file, which may hold a key', async () => {
    const error = await failure('[model_providers.x]\nhttp_headers = { Authorization = "Bearer s3cret" \n');
    expect(error.message).not.toContain('s3cret');
    expect(error.cause).toBeUndefined();
  });

  test('reports a file that is not UTF-8 or not a file', async () => {
    const binary = await failure(Uint8Array.of(0x6d, 0xff));
    expect(binary.kind).toBe('unreadable');
    expect(binary.message).toContain('stream did not contain valid UTF-8');
    await rm(path.join(home, 'config.toml'));
    await mkdir(path.join(home, 'config.toml'));
    const folder = await loadConfig(home).catch((error: unknown) => error);
    expect(folder).toMatchObject({ kind: 'unreadable' });
    expect(String(folder)).toContain('(os error 21)');
  });

  test('SEC-PROTO-1: leaves every prototype alone when the file has __proto__ and constructor tables', async () => {
    const table = await load(
      '[__proto__]\nmodel = "evil"\n[constructor]\nmodel = "evil"\n[profiles.__proto__]\nmodel = "evil"\n',
    );
    expect(Object.keys(table)).toEqual(['constructor', 'profiles']);
    expect(table.model).toBeUndefined();
    expect(({} as { model?: unknown }).model).toBeUndefined();
    expect(savedConfig(table).config.model).toBeUndefined();
    expect(savedConfig(table).config.profiles).toEqual({});
  });
});
