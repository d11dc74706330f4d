import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type AuthManager,
  type AuthManagerOptions,
  openAuthManager,
} from '../../../src/core/auth/auth-manager.ts';
import type { AuthChange } from '../../../src/core/auth/auth-state.ts';

/** A home for one test. */
export interface AuthHome {
  readonly folder: string;
  readonly file: string;
  /** Writes `auth.json` in place, as the Codex CLI does. */
  write(content: object | string, mode?: number): void;
  read(): Record<string, unknown>;
  mode(): number;
}

export function createAuthHome(content?: object | string): AuthHome {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'codexd-auth-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'auth.json');
  const home: AuthHome = {
    folder,
    file,
    write: (next, mode = 0o600) =>
      writeFileSync(file, typeof next === 'string' ? next : JSON.stringify(next), { mode }),
    read: () => JSON.parse(readFileSync(file, 'utf8')),
    mode: () => statSync(file).mode & 0o777,
  };
  if (content !== undefined) home.write(content);
  return home;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly details: object;
}

/** A manager on a home, closed when the test is over, with all that it reported. */
export interface OpenManager extends AuthManager {
  readonly seen: AuthChange[];
  readonly log: LogLine[];
  readonly secrets: Set<string>;
  /** The next change that has not been waited for. */
  nextChange(): Promise<AuthChange>;
}

export function openManager(home: AuthHome, options: Partial<AuthManagerOptions> = {}): OpenManager {
  const log: LogLine[] = [];
  const secrets = new Set<string>();
  const logAt = (level: string) => (details: object, message: string) =>
    void log.push({ level, message, details });
  const manager = openAuthManager({
    codexHome: home.folder,
    issuerAddress: 'http://127.0.0.1:1',
    originator: 'codex_cli_rs',
    userAgent: 'codexd-test/1',
    env: {},
    log: { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') },
    onSecret: (secret) => void secrets.add(secret),
    ...options,
  });
  onTestFinished(() => manager.close());
  const seen: AuthChange[] = [];
  let wake = (): void => undefined;
  let taken = 0;
  manager.changes.on((change) => {
    seen.push(change);
    wake();
  });
  async function nextChange(): Promise<AuthChange> {
    for (;;) {
      const change = seen[taken];
      if (change) {
        taken += 1;
        return change;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return { ...manager, seen, log, secrets, nextChange };
}
