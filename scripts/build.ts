/**
 * Builds `dist/` from `src/`: bundles the programs with what they import, writes the published types, copies what is not
 * TypeScript.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundle } from './bundle.ts';
import { notices } from './notices.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'src');
const TARGET = join(ROOT, 'dist');
const COMPILER = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/** What is started or imported by its own name. */
const ENTRIES = [
  'cli',
  'core/exec-session/terminal-host',
  'daemon/daemon',
  'daemon/home',
  'daemon/redact',
  'protocol/index',
];

rmSync(TARGET, { recursive: true, force: true });
const chunks = await bundle({ source: SOURCE, target: TARGET, entries: ENTRIES });
writeFileSync(join(TARGET, 'package.json'), `${JSON.stringify({ type: 'commonjs' })}\n`);
writeFileSync(join(TARGET, 'THIRD-PARTY.txt'), notices(chunks.flatMap(({ moduleIds }) => moduleIds)));
writeTypes();
copyAssets();
chmodSync(join(TARGET, 'cli.js'), 0o755);

function writeTypes(): void {
  const options = { cwd: ROOT, stdio: 'inherit' } as const;
  const { status } = spawnSync(process.execPath, [COMPILER, '-p', 'tsconfig.build.json'], options);
  if (status !== 0) process.exit(status ?? 1);
}

function copyAssets(): void {
  for (const path of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(md|html|lark)$/.test(path)) continue;
    mkdirSync(dirname(join(TARGET, path)), { recursive: true });
    copyFileSync(join(SOURCE, path), join(TARGET, path));
  }
}
