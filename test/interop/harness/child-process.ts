import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const STDERR_KEPT = 2000;

export interface ChildEnd {
  /** Settles when the process is gone, with an error that says how and shows the end of its stderr. */
  readonly reason: Promise<Error>;
  /** Waits up to `ms`, then kills. */
  within(ms: number): Promise<void>;
}

export function childEnd(child: ChildProcess, name: string): ChildEnd {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  const reason = new Promise<Error>((resolve) => {
    child.once('error', (error) => resolve(new Error(`${name} did not start`, { cause: error })));
    child.once('close', (code, signal) => resolve(new Error(`${name} ended (${code ?? signal})\n${stderr}`)));
  });
  return {
    reason,
    async within(ms) {
      const timer = setTimeout(() => child.kill('SIGKILL'), ms);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      clearTimeout(timer);
    },
  };
}
