#!/usr/bin/env node
import { CompileCache } from './cli/compile-cache.ts';
import { ModuleLoader } from './cli/module-loader.ts';
import { youngMayGrow } from './cli/young-generation.ts';

// What nobody reads any more is no reason to fail.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

youngMayGrow(false);
const modules = new ModuleLoader(import.meta.dirname, new CompileCache(import.meta.dirname));
const { run } = modules.load('cli/run.js') as typeof import('./cli/run.ts');

run(process.argv.slice(2), () => youngMayGrow(true)).then((exitCode) => {
  modules.keepCompiled();
  process.exit(exitCode);
});
