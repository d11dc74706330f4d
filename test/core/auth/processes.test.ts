import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startIssuer, type TestIssuer } from '../../support/auth/issuer.ts';
import { chatGptFile, DAY_MS, X } from '../../support/auth/tokens.ts';
import { type AuthHome, createAuthHome, openManager } from './auth-home.ts';

const PROCESSES = 8;
const EXPIRIES = 50;

function run(script: string, ...args: string[]): ChildProcess {
  const file = path.join(import.meta.dirname, script);
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  return text;
}

/** What each of the processes says at the end. */
function expireTogether(home: AuthHome, issuer: TestIssuer): Promise<{ stuck: number; method: string }[]> {
  const args = [home.folder, issuer.url, String(EXPIRIES)];
  const outputs = Array.from({ length: PROCESSES }, () => outputOf(run('expiring-process.ts', ...args)));
  return Promise.all(outputs.map(async (output) => JSON.parse(await output)));
}

describe('SEC-REF-1: eight processes on one auth.json', { timeout: 120_000 }, () => {
  it('never spend a token twice and stay signed in through fifty expiries each', async () => {
    const issuer = await startIssuer();
    const home = createAuthHome(chatGptFile(X, issuer.login(X)));
    const ends = await expireTogether(home, issuer);
    expect(ends).toEqual(Array(PROCESSES).fill({ stuck: 0, method: 'chatgpt' }));
    expect(issuer.reuses).toBe(0);
    expect(issuer.requests.length).toBeGreaterThanOrEqual(EXPIRIES);
  });

  it('stay signed in beside a program that knows no lock and writes in place', async () => {
    const issuer = await startIssuer();
    const home = createAuthHome(chatGptFile(X, issuer.login(X)));
    const rude = run('rude-process.ts', home.folder, issuer.url);
    const ends = await expireTogether(home, issuer);
    rude.stdin?.end();
    await once(rude, 'exit');
    expect(ends).toEqual(Array(PROCESSES).fill({ stuck: 0, method: 'chatgpt' }));
    const last = openManager(home, { issuerAddress: issuer.url });
    const before = issuer.reuses;
    expect((await last.credential.status({ refresh: true })).method).toBe('chatgpt');
    expect(issuer.reuses).toBe(before);
  });
});

describe('SEC-REF-4: kill -9 between the answer of the issuer and the stored file', () => {
  it.each([
    ['before the new file', 'old'],
    ['before the rename', 'old'],
    ['after the rename', 'new'],
  ])('%s leaves the %s file whole, and what is reported afterwards is true', async (operation, which) => {
    const issuer = await startIssuer();
    const content = chatGptFile(X, issuer.login(X), 29 * DAY_MS);
    const home = createAuthHome(content);
    const child = run('killed-process.ts', home.folder, issuer.url, operation);
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(issuer.requests).toHaveLength(1);
    if (which === 'old') expect(home.read()).toEqual(content);
    else expect(home.read()).not.toEqual(content);
    const manager = openManager(home, { issuerAddress: issuer.url });
    const { method } = await manager.credential.status({ refresh: false });
    expect(method).toBe(which === 'old' ? undefined : 'chatgpt');
    expect(issuer.reuses).toBe(which === 'old' ? 1 : 0);
    expect(home.mode()).toBe(0o600);
    expect(readdirSync(home.folder)).toContain('auth.json');
  });
});
