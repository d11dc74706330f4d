/**
 * Builds `dist/` from `src/`: bundles the programs with what they import, compiles the libraries that others import,
 * copies what is not TypeScript, and starts the program once.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundle } from './bundle.ts';
import { bundlePage } from './bundle-page.ts';
import { compileOnce } from './compile-once.ts';
import { notices } from './notices.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'src');
const TARGET = join(ROOT, 'dist');
const COMPILER = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/** What is started, or put together by tests, by its own name. */
const PROGRAMS = [
  'cli',
  'cli/run',
  'core/exec-session/terminal-host',
  'daemon/daemon',
  'daemon/home',
  'daemon/redact',
];

rmSync(TARGET, { recursive: true, force: true });
const chunks = await bundle({ source: SOURCE, target: TARGET, entries: PROGRAMS });
writeModuleType(TARGET, 'commonjs');
compileLibraries();
copyAssets();
const pageModules = await bundlePage({ source: join(SOURCE, 'page'), target: join(TARGET, 'page') });
const modules = [...chunks.flatMap(({ moduleIds }) => moduleIds), ...pageModules];
writeFileSync(join(TARGET, 'THIRD-PARTY.txt'), notices(modules));
chmodSync(join(TARGET, 'cli.js'), 0o755);
await compileOnce(join(TARGET, 'cli.js'));

function compileLibraries(): void {
  const options = { cwd: ROOT, stdio: 'inherit' } as const;
  const { status } = spawnSync(process.execPath, [COMPILER, '-p', 'tsconfig.build.json'], options);
  if (status !== 0) process.exit(status ?? 1);
  for (const library of ['protocol', 'client']) writeModuleType(join(TARGET, library), 'module');
}

function copyAssets(): void {
  for (const path of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(md|html|lark)$/.test(path)) continue;
    mkdirSync(dirname(join(TARGET, path)), { recursive: true });
    copyFileSync(join(SOURCE, path), join(TARGET, path));
  }
}

function writeModuleType(folder: string, type: 'module' | 'commonjs'): void {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type })}\n`);
}
