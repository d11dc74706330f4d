import { spawn } from 'node:child_process';
import type { Log } from '../core/log.ts';

/** The systemd that started us and waits for news (sd_notify(3)). */
export interface ServiceManager {
  /** The daemon serves; from now on it says regularly that its event loop turns, if it is to. */
  ready(status: string): void;
  stopping(): void;
  close(): void;
}

const SILENT: ServiceManager = { ready() {}, stopping() {}, close() {} };

/**
 * Takes the variables out of the environment, so that no command of the user speaks in our name. Node has no datagram
 * sockets of the unix domain; `systemd-notify` belongs to systemd and sends for us.
 */
export function openServiceManager(env: NodeJS.ProcessEnv, log: Pick<Log, 'warn'>): ServiceManager {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (!NOTIFY_SOCKET) return SILENT;
  const isForUs = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid;
  const patienceMs = isForUs ? Number(WATCHDOG_USEC ?? 0) / 1_000 : 0;
  const tell = createTeller(NOTIFY_SOCKET, env.PATH, log);
  let timer: NodeJS.Timeout | undefined;
  return {
    ready(status) {
      tell(['READY=1', `STATUS=${status}`]);
      // Half of what it waits for, as sd_watchdog_enabled(3) advises.
      if (patienceMs > 0) timer = setInterval(() => tell(['WATCHDOG=1']), patienceMs / 2).unref();
    },
    stopping: () => tell(['STOPPING=1']),
    close: () => clearInterval(timer),
  };
}

function createTeller(
  socket: string,
  PATH: string | undefined,
  log: Pick<Log, 'warn'>,
): (news: readonly string[]) => void {
  let failed = false;
  const fail = (details: object): void => {
    if (!failed) log.warn(details, 'systemd-notify cannot tell systemd how the daemon is');
    failed = true;
  };
  return (news) => {
    const child = spawn('systemd-notify', news, { env: { NOTIFY_SOCKET: socket, PATH }, stdio: 'ignore' });
    child.on('error', (err) => fail({ err }));
    child.on('exit', (code) => code !== 0 && fail({ code }));
    child.unref();
  };
}
