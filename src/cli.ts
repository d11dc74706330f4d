#!/usr/bin/env node
import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { cacheCompiledCode } from './cli/compile-cache.ts';

cacheCompiledCode(import.meta.dirname);
// What a start makes is mostly there to stay: room for more young objects would only be idle memory.
setFlagsFromString('--semi-space-growth-factor=1');

// What nobody reads any more is no reason to fail.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

run().then((exitCode) => process.exit(exitCode));

async function run(): Promise<number> {
  const { main } = await import('./cli/main.ts');
  return main(process.argv.slice(2), async () => {
    const { startDaemon } = await import('./daemon/daemon.ts');
    return async (options) => {
      const daemon = await startDaemon(options);
      setFlagsFromString('--semi-space-growth-factor=2');
      // Not only at the end, which not every daemon lives to see.
      setImmediate(flushCompileCache);
      return daemon;
    };
  });
}
