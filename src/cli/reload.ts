import type { Logger } from 'pino';
import type { Settings } from './settings.ts';

/** Those that a running daemon takes up. */
const LIVE: readonly (keyof Settings)[] = ['logLevel', 'drainMs'];

/**
 * Reads the settings again and takes up what can be taken up; the rest counts from the next start (REL-SIG-3). Where they
 * cannot be read, those of before stay.
 */
export async function reloadSettings(
  before: Settings,
  read: () => Promise<Settings>,
  log: Logger,
): Promise<Settings> {
  try {
    const next = await read();
    const changed = (Object.keys(next) as (keyof Settings)[]).filter(
      (name) => JSON.stringify(next[name]) !== JSON.stringify(before[name]),
    );
    const nextStart = changed.filter((name) => !LIVE.includes(name));
    log.level = next.logLevel;
    log.info({ changed, nextStart }, 'the settings were read again');
    return { ...before, logLevel: next.logLevel, drainMs: next.drainMs };
  } catch (err) {
    log.warn({ err }, 'the settings cannot be read again; those of before stay in force');
    return before;
  }
}
