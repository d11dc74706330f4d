import { dirname } from 'node:path';
import { archiveDirectory, sessionsDirectory } from '../rollout/path.ts';

/**
 * The `$CODEX_HOME` that a rollout belongs to: what is above the nearest `sessions/` or `archived_sessions/`.
 * @param path absolute, without links
 * @returns `undefined` for a file that is kept elsewhere
 */
export function homeOfRollout(path: string): string | undefined {
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
    const home = dirname(at);
    if (at === sessionsDirectory(home) || at === archiveDirectory(home)) return home;
  }
  return undefined;
}
