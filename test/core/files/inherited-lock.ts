/** Locks the file in argv the way the daemon does, through a helper that is gone by then, and says so. */
import { openSync } from 'node:fs';
import { lockDescriptor } from '../../../src/core/files/kernel-lock.ts';

process.stdout.write(`${await lockDescriptor(openSync(process.argv[2] ?? '', 'a+'))}\n`);
process.stdin.resume();
