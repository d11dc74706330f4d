import type { Host } from '../host.ts';
import { spawnWithUmask } from './umask.ts';

/** Starts a program of the user's that goes on by itself, without input or output. */
export function startDetached(
  [program = '', ...args]: readonly string[],
  host: Host,
  onError: (error: Error) => void,
): void {
  const options = { env: host.env, stdio: 'ignore', detached: true } as const;
  const child = spawnWithUmask(host.umask, program, args, options);
  child.on('error', onError);
  child.unref();
}
