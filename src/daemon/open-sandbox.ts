import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessScope } from '../core/process-scope.ts';
import { detectSandbox, isPassing } from '../core/sandbox/detect.ts';
import { createSandbox } from '../core/sandbox/sandbox.ts';
import type { Sandbox, SandboxStatus } from '../core/sandbox/types.ts';
import type { DaemonOptions } from './types.ts';

const RETRY_MS = 500;

/** Finds out what commands can be confined with, once it is asked for. It starts programs, which holds up everybody else. */
export function sandboxOnDemand(options: DaemonOptions, processes: ProcessScope): () => Promise<Sandbox> {
  let opened: Promise<Sandbox> | undefined;
  return () => {
    opened ??= openSandbox(options, processes);
    return opened;
  };
}

async function openSandbox(
  { codexHome, env, log, socketPath }: DaemonOptions,
  processes: ProcessScope,
): Promise<Sandbox> {
  const status = await findSandbox(env, processes, log);
  if (status.kind === 'none') {
    const { reason, remedy } = status;
    log.warn({ reason, remedy }, 'no sandbox: commands that need one are asked about or refused');
  }
  const folder = path.join(codexHome, 'codexd');
  const elsewhere = socketPath !== undefined && path.dirname(socketPath) !== folder;
  return createSandbox({ status, codexHome, hidden: elsewhere ? [folder, socketPath] : [folder] });
}

/** A machine that has nothing to spare just now is asked again. */
async function findSandbox(
  env: NodeJS.ProcessEnv,
  processes: ProcessScope,
  log: DaemonOptions['log'],
): Promise<SandboxStatus> {
  for (;;) {
    try {
      return await detectSandbox(env, processes);
    } catch (err) {
      log.error({ err }, 'looking for a sandbox failed');
      if (!isPassing(err))
        return { kind: 'none', reason: 'Looking for one failed.', remedy: 'See the log of the daemon.' };
      await sleep(RETRY_MS, undefined, { ref: false });
    }
  }
}
