import type { Logger } from 'pino';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** What may end the daemon. Each promise settles at most once and is never rejected. */
export interface ProcessEvents {
  readonly firstSignal: Promise<StopSignal>;
  readonly secondSignal: Promise<StopSignal>;
  /** Something was thrown that nobody caught; the state of the program is unknown from here on. */
  readonly crash: Promise<unknown>;
}

/** SIGUSR1 would open Node's inspector and SIGUSR2 and SIGHUP would end the process. */
const HARMLESS = ['SIGHUP', 'SIGPIPE', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;

/** Takes over the signals and the last-resort errors of this process until it ends. */
export function watchProcess(log: Logger): ProcessEvents {
  const first = Promise.withResolvers<StopSignal>();
  const second = Promise.withResolvers<StopSignal>();
  const crash = Promise.withResolvers<unknown>();
  let received = 0;
  const onSignal = (signal: StopSignal) => {
    received += 1;
    log.debug({ signal }, 'signal received');
    (received === 1 ? first : second).resolve(signal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  for (const signal of HARMLESS) process.on(signal, () => log.debug({ signal }, 'signal ignored'));
  const onCrash = (err: unknown) => {
    log.fatal({ err }, 'an error was not caught');
    crash.resolve(err);
  };
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  return { firstSignal: first.promise, secondSignal: second.promise, crash: crash.promise };
}
