import { type ChildProcess, spawn } from 'node:child_process';

/** `spawn` under another umask: Node has no option for it, but starts the process before `spawn` returns. */
export function spawnWithUmask(
  umask: number | undefined,
  ...command: Parameters<typeof spawn>
): ChildProcess {
  if (umask === undefined) return spawn(...command);
  const own = process.umask(umask);
  try {
    return spawn(...command);
  } finally {
    process.umask(own);
  }
}
