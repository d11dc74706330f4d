#!/usr/bin/env node
import { main } from './cli/main.ts';

// What nobody reads any more is no reason to fail.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const exitCode = await main(process.argv.slice(2), async (options) => {
  const { startDaemon } = await import('./daemon/daemon.ts');
  return startDaemon(options);
});
process.exit(exitCode);
