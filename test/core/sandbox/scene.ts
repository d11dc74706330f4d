import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The folders of one test. They are not in /tmp, which workspace-write makes writable. */
export interface Scene {
  readonly root: string;
  readonly workspace: string;
  readonly outside: string;
  readonly codexHome: string;
  readonly token: string;
  write(path: string, text?: string): string;
  read(path: string): string;
}

export function createScene(parent = '/var/tmp'): Scene {
  const root = realpathSync(mkdtempSync(join(parent, 'codexd-sandbox-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text = ''): string => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    return join(root, path);
  };
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  for (const folder of ['workspace', 'outside']) mkdirSync(join(root, folder));
  const token = write('home/codex/codexd/token', 'the-token');
  write('home/codex/auth.json', 'credentials');
  return {
    root,
    workspace: join(root, 'workspace'),
    outside: join(root, 'outside'),
    codexHome: join(root, 'home/codex'),
    token,
    write,
    read,
  };
}
