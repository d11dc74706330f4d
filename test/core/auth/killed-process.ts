/**
 * Refreshes, and is killed at the named file operation on the way from the issuer's answer to the stored file.
 * argv: home, issuer, operation.
 */
import { openAuthManager } from '../../../src/core/auth/auth-manager.ts';
import { type FileSystem, realFileSystem } from '../../../src/core/files/file-system.ts';

const [home = '', issuerAddress = '', operation = ''] = process.argv.slice(2);
const quiet = () => undefined;
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive');
};

const fatal: Record<string, Partial<FileSystem>> = {
  'before the new file': {
    open: ((file: string, flags: number, mode?: number) =>
      file.endsWith('.tmp') ? die() : realFileSystem.open(file, flags, mode)) as FileSystem['open'],
  },
  'before the rename': { rename: async () => die() },
  'after the rename': {
    rename: async (from, to) => {
      await realFileSystem.rename(from, to);
      die();
    },
  },
};

const manager = openAuthManager({
  codexHome: home,
  issuerAddress,
  originator: 'codex_cli_rs',
  userAgent: 'codexd-test/1',
  env: {},
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  onSecret: quiet,
  fs: { ...realFileSystem, ...fatal[operation] },
});
await manager.credential.current();
