import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ProcessEvents, StopSignal } from './process-events.ts';
import type { RunningDaemon } from './types.ts';

/** Past the drain deadline there is this much left for interrupting, recording and flushing (REL-SIG-1). */
const HARD_LIMIT_MS = 5_000;
/** A second signal means: no more waiting (REL-SIG-2 allows 500 ms in all). */
const ABORT_LIMIT_MS = 400;

/**
 * Waits for the end of the daemon and brings it about: the first signal drains, the second stops at once, an
 * uncaught error aborts.
 *
 * @param deadlineMs asked when the first signal comes
 * @returns the exit code: 0 after a drain, 128 + signal number after a second signal, else 1
 */
export function runUntilStopped(
  daemon: RunningDaemon,
  events: ProcessEvents,
  deadlineMs: () => number,
  log: Logger,
): Promise<number> {
  let isCutShort = false;
  const cut = events.secondSignal.then((signal) => {
    isCutShort = true;
    return cutShort(daemon, signal, log);
  });
  const drained = events.firstSignal.then((signal) => drain(daemon, signal, deadlineMs(), log));
  return Promise.race([
    // Stopping at once is what then lets the drain come to its end.
    drained.then((exitCode) => (isCutShort ? cut : exitCode)),
    cut,
    events.crash.then(() => abort(daemon, 1, log)),
  ]);
}

/** 130 for SIGINT, 143 for SIGTERM, as a shell reports a process that the signal ended. */
export function exitCodeOf(signal: StopSignal): number {
  return 128 + constants.signals[signal];
}

async function drain(
  daemon: RunningDaemon,
  signal: StopSignal,
  deadlineMs: number,
  log: Logger,
): Promise<number> {
  log.info({ signal, deadlineMs }, 'draining; a second signal stops at once');
  const limit = new AbortController();
  try {
    return await Promise.race([
      daemon.close({ deadlineMs }).then(() => 0),
      delay(deadlineMs + HARD_LIMIT_MS, undefined, { signal: limit.signal }).then(() => giveUp(daemon, log)),
    ]);
  } catch (err) {
    log.error({ err }, 'draining failed');
    return abort(daemon, 1, log);
  } finally {
    limit.abort();
  }
}

function giveUp(daemon: RunningDaemon, log: Logger): Promise<number> {
  log.error('draining took too long');
  return abort(daemon, 1, log);
}

function cutShort(daemon: RunningDaemon, signal: StopSignal, log: Logger): Promise<number> {
  log.warn({ signal }, 'second signal: stopping at once');
  return abort(daemon, exitCodeOf(signal), log);
}

async function abort(daemon: RunningDaemon, exitCode: number, log: Logger): Promise<number> {
  try {
    await Promise.race([daemon.abort(), delay(ABORT_LIMIT_MS)]);
  } catch (err) {
    log.error({ err }, 'stopping failed');
  }
  return exitCode;
}
