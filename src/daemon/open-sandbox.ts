import path from 'node:path';
import type { ProcessScope } from '../core/process-scope.ts';
import { detectSandbox } from '../core/sandbox/detect.ts';
import { createSandbox } from '../core/sandbox/sandbox.ts';
import type { Sandbox, SandboxStatus } from '../core/sandbox/types.ts';
import type { DaemonOptions } from './types.ts';

/** Finds out what commands can be confined with. Takes a moment, which nobody but the first command waits for. */
export async function openSandbox(
  { codexHome, env, log, socketPath }: DaemonOptions,
  processes: ProcessScope,
): Promise<Sandbox> {
  const status = await detectSandbox(env, processes).catch((err): SandboxStatus => {
    log.error({ err }, 'looking for a sandbox failed');
    return { kind: 'none', reason: 'Looking for one failed.', remedy: 'See the log of the daemon.' };
  });
  if (status.kind === 'none') {
    const { reason, remedy } = status;
    log.warn({ reason, remedy }, 'no sandbox: commands that need one are asked about or refused');
  }
  const folder = path.join(codexHome, 'codexd');
  const elsewhere = socketPath !== undefined && path.dirname(socketPath) !== folder;
  return createSandbox({ status, codexHome, hidden: elsewhere ? [folder, socketPath] : [folder] });
}
