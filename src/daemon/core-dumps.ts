import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Logger } from 'pino';

const run = promisify(execFile);

/**
 * Keeps a crash from writing the memory of this process, secrets and all, to a file (SEC-RED-4). Commands of the user
 * inherit the limit and may raise it again. Where there is no `/proc`, the system's own default holds.
 */
export async function forbidCoreDumps(log: Pick<Logger, 'warn'>): Promise<void> {
  try {
    const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
    const [, soft = '0'] = /^Max core file size +(\S+)/m.exec(limits) ?? [];
    if (soft !== '0') await run('prlimit', ['--pid', String(process.pid), '--core=0:']);
  } catch (err) {
    log.warn({ err }, 'a crash may leave a core dump; run codexd with `ulimit -c 0`');
  }
}
