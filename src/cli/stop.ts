import { setTimeout as delay } from 'node:timers/promises';
import { locateHome } from '../daemon/home.ts';
import { type DaemonInfo, findDaemon } from '../daemon/info.ts';
import { OperatorError, systemErrorCode } from '../daemon/operator-error.ts';
import { identify, isSameProcess } from '../daemon/process-identity.ts';
import { givenUrl } from './connection.ts';
import { type OutputFlags, print } from './output.ts';

/** The default drain deadline, what is allowed beyond it, and a margin. */
const LIMIT_MS = 40_000;
const POLL_MS = 25;

/** `codexd stop`: asks the daemon of this home to drain and waits until it is gone. */
export async function stop(flags: OutputFlags): Promise<number> {
  const { folder } = await locateHome(process.env);
  const info = await findLocalDaemon(folder);
  await endProcess(info.pid);
  print(
    flags,
    { stopped: true, pid: info.pid, url: info.url },
    `codexd on ${info.url} (process ${info.pid}) has stopped`,
  );
  return 0;
}

async function findLocalDaemon(folder: string): Promise<DaemonInfo> {
  const presence = await findDaemon(folder);
  if (presence.state === 'absent') throw new OperatorError('codexd is not running.');
  const { info } = presence;
  if (presence.state === 'stale') {
    throw new OperatorError(
      `codexd is not running: process ${info.pid}, which listened on ${info.url}, is gone.`,
    );
  }
  const wanted = givenUrl(process.env);
  if (wanted === undefined || wanted === info.url) return info;
  throw new OperatorError(
    `CODEXD_URL names ${wanted}, but the codexd of this CODEX_HOME listens on ${info.url}.`,
  );
}

async function endProcess(pid: number): Promise<void> {
  const daemon = identify(pid);
  signal(pid);
  const limit = Date.now() + LIMIT_MS;
  while (isSameProcess(daemon)) {
    if (Date.now() >= limit) {
      throw new OperatorError(
        `codexd (process ${pid}) was told to stop ${LIMIT_MS / 1000} s ago and is still draining.`,
      );
    }
    await delay(POLL_MS);
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return;
    throw new OperatorError(`Cannot stop process ${pid}: ${(error as Error).message}`, { cause: error });
  }
}
