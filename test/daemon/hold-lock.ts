/** Takes the lock of the folder in argv, says on stdout how it went, and holds it until it is killed. */
import { acquireLock } from '../../src/daemon/lock.ts';

const lock = await acquireLock(process.argv[2] ?? '');
process.stdout.write(`${lock?.kind ?? 'held'}\n`);
if (lock !== undefined) setInterval(() => {}, 60_000);
