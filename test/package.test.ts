import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  dependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
};
const { packages } = JSON.parse(read('package-lock.json')) as {
  packages: Record<
    string,
    { dev?: boolean; hasInstallScript?: boolean; resolved?: string; integrity?: string }
  >;
};
const installed = Object.entries(packages).filter(([name]) => name !== '');

describe('the package', () => {
  it('SEC-PKG-1: has a lockfile with the hash of every dependency', () => {
    expect(installed.length).toBeGreaterThan(50);
    expect(installed.filter(([, { integrity }]) => !integrity).map(([name]) => name)).toEqual([]);
  });

  it('SEC-PKG-1: runs no install script that is not listed, and none of what it needs at run time', () => {
    const scripted = installed.filter(([, { hasInstallScript }]) => hasInstallScript);
    const listed = Object.keys(manifest.allowScripts).map((name) => `node_modules/${name}`);
    expect(scripted.filter(([, { dev }]) => !dev).map(([name]) => name)).toEqual([]);
    expect(
      scripted.map(([name]) => name).filter((name) => !listed.includes(name) && !/fsevents$/.test(name)),
    ).toEqual([]);
  });

  it('SEC-PKG-3: needs at most 25 packages directly', () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(25);
  });

  it('SEC-PKG-2: has what it needs at run time audited every day', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(scripts.audit).toBe('npm audit --omit=dev --audit-level=high');
    const workflow = read('.github/workflows/audit.yml');
    expect(workflow).toMatch(/^ {2}schedule:\n {4}- cron: '\d+ \d+ \* \* \*'$/m);
    expect(workflow).toContain('- run: npm run audit\n');
  });

  it('SEC-PKG-4: makes an image that runs as a user, with a health check and no token in it', () => {
    const image = read('docker/Dockerfile');
    expect(image).toMatch(/^USER node$/m);
    expect(image).toMatch(/^HEALTHCHECK .*\n.*readyz/m);
    expect(image).not.toMatch(/CODEXD_TOKEN|--host/);
    expect(read('docker/compose.yaml')).toContain('read_only: true');
  });
});
