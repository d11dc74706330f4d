/** Builds `dist/` from `src/`: compiles, copies what is not TypeScript, makes the entry point executable. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundlePage } from './bundle-page.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'src');
const TARGET = join(ROOT, 'dist');
const COMPILER = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

rmSync(TARGET, { recursive: true, force: true });
compile();
copyAssets();
await bundlePage({ source: join(SOURCE, 'page'), target: join(TARGET, 'page') });
chmodSync(join(TARGET, 'cli.js'), 0o755);

function compile(): void {
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
