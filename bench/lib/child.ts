import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';

const STDERR_KEPT = 2_000;
const STOP_WITHIN_MS = 5_000;

export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  readonly pid: number;
  /** Settles when the process is gone, with an error that shows the end of its stderr. */
  readonly gone: Promise<Error>;
  stop(): Promise<void>;
}

/** @param command program and arguments */
export async function startChild(command: readonly string[], home: string): Promise<Child> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: home, env: { ...process.env, CODEX_HOME: home } });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  const gone = once(child, 'close').then(([code, signal]) => {
    return new Error(`${program} ended (${code ?? signal})\n${stderr}`);
  });
  await once(child, 'spawn');
  return {
    process: child,
    pid: child.pid ?? 0,
    gone,
    async stop() {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      child.kill('SIGTERM');
      await gone;
      clearTimeout(timer);
    },
  };
}
