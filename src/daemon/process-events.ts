import type { Logger } from 'pino';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** What may end the daemon. Each promise settles at most once and is never rejected. */
export interface ProcessEvents {
  readonly firstSignal: Promise<StopSignal>;
  readonly secondSignal: Promise<StopSignal>;
  /** Something was thrown that nobody caught; the state of the program is unknown from here on. */
  readonly crash: Promise<unknown>;
  /** Who wants something of the running daemon by a signal; nobody answers before. */
  onRequest(signal: RequestSignal, answer: () => void): void;
}

/** SIGHUP: read the settings again. SIGUSR2: write down how the daemon is. */
export type RequestSignal = 'SIGHUP' | 'SIGUSR2';

/** SIGUSR1 would open Node's inspector, and others end the process. */
const HARMLESS = ['SIGPIPE', 'SIGUSR1', 'SIGWINCH'] as const;
const REQUESTS = ['SIGHUP', 'SIGUSR2'] as const;

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
  const answers = new Map<RequestSignal, () => void>();
  for (const signal of REQUESTS) {
    process.on(signal, () => {
      log.debug({ signal }, 'signal received');
      answers.get(signal)?.();
    });
  }
  const onCrash = (err: unknown) => {
    log.fatal({ err }, 'an error was not caught');
    crash.resolve(err);
  };
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  return {
    firstSignal: first.promise,
    secondSignal: second.promise,
    crash: crash.promise,
    onRequest: (signal, answer) => void answers.set(signal, answer),
  };
}
