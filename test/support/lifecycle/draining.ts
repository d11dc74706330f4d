import { expect } from 'vitest';
import type { DaemonProcess } from '../daemon-process.ts';

/** To be called that often: all calls resolve when the last has come and the daemon drains. */
export function drainAfter(calls: number, daemon: DaemonProcess): () => Promise<void> {
  const { promise: draining, resolve, reject } = Promise.withResolvers<void>();
  let missing = calls;
  return () => {
    missing -= 1;
    if (missing === 0) drain(daemon).then(resolve, reject);
    return draining;
  };
}

async function drain(daemon: DaemonProcess): Promise<void> {
  daemon.child.kill('SIGTERM');
  const readiness = async (): Promise<number> => (await daemon.fetch('/readyz')).status;
  await expect.poll(readiness).toBe(503);
}
