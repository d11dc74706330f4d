import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkToken, openToken, readToken, withdrawRunToken } from '../../src/daemon/token.ts';
import { temporaryFolder } from './temporary-folder.ts';

const GOOD = 'a-token-of-my-own-0123456789-abcdef';

describe('SEC-TOK-2: the token', () => {
  test('is made of 256 random bits, kept private and kept between runs', async () => {
    const folder = temporaryFolder();
    const made = await openToken(folder, {});
    expect(made.path).toBe(join(folder, 'token'));
    expect(made.value).toMatch(/^cdx_[A-Za-z0-9_-]{43}$/);
    expect(statSync(made.path).mode & 0o777).toBe(0o600);
    expect(await openToken(folder, {})).toEqual(made);
    expect((await openToken(temporaryFolder(), {})).value).not.toBe(made.value);
  });

  test('of CODEXD_TOKEN is in a file of its own for one run, and the kept one survives', async () => {
    const folder = temporaryFolder();
    const kept = await openToken(folder, {});
    const given = await openToken(folder, { CODEXD_TOKEN: `${GOOD}\n` });
    expect(given).toEqual({ value: GOOD, path: join(folder, 'token.run') });
    expect(readFileSync(given.path, 'utf8')).toBe(GOOD);
    expect(readFileSync(kept.path, 'utf8')).toBe(kept.value);
    await withdrawRunToken(folder);
    expect(existsSync(given.path)).toBe(false);
  });

  test('of a run that was killed is removed by the next start', async () => {
    const folder = temporaryFolder();
    const given = await openToken(folder, { CODEXD_TOKEN: GOOD });
    await openToken(folder, {});
    expect(existsSync(given.path)).toBe(false);
  });

  test('typed into the kept file by hand may end in a newline', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'token'), `${GOOD}\n`, { mode: 0o600 });
    expect((await openToken(folder, {})).value).toBe(GOOD);
  });

  test('is not replaced when its file is broken or open to others', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'token');
    writeFileSync(path, '', { mode: 0o600 });
    await expect(openToken(folder, {})).rejects.toThrow(`${path} is empty`);
    writeFileSync(path, GOOD);
    chmodSync(path, 0o644);
    await expect(openToken(folder, {})).rejects.toThrow('chmod 600');
    expect(readFileSync(path, 'utf8')).toBe(GOOD);
  });

  test('that is missing reads as undefined', async () => {
    expect(await readToken(join(temporaryFolder(), 'token'))).toBeUndefined();
  });

  test.each([
    ['', 'is empty'],
    ['\n', 'is empty'],
    [GOOD.slice(0, 31), 'at least 32 characters'],
    ['abcabcabc'.repeat(8), '10 of them different'],
    [`${GOOD} ${GOOD}`, 'without spaces'],
    [`${GOOD}\n\n`, 'without spaces'],
    [`\0${GOOD}`, 'without spaces'],
    [`${GOOD}ü`, 'ASCII'],
  ])('SEC-TOK-1: %j is refused without being repeated', (text, reason) => {
    let message = '';
    try {
      checkToken(text, 'CODEXD_TOKEN');
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('CODEXD_TOKEN');
    expect(message).toContain(reason);
    if (text.trim() !== '') expect(message).not.toContain(text.trim());
  });
});
