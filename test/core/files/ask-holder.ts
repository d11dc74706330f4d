/** Says as JSON who has the lock of the file in argv. */
import { openSync } from 'node:fs';
import { lockHolder } from '../../../src/core/files/lock-holder.ts';

const holder = await lockHolder(openSync(process.argv[2] ?? '', 'r'));
process.stdout.write(`${JSON.stringify(holder ?? null)}\n`);
