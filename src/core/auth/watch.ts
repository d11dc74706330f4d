import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';
import type { Log } from '../log.ts';

/** Finds what the watcher cannot see: files behind symbolic links, network file systems, exhausted watch limits. */
const POLL_MS = 500;

/**
 * Calls `look` soon after anything happened to the file, and twice a second anyway. Returns what ends it.
 */
export function watchFile(file: string, look: () => Promise<unknown>, log: Log): () => void {
  const attempt = (): void => {
    look().catch((err: unknown) => log.warn({ err }, 'auth.json could not be looked at'));
  };
  const timer = setInterval(attempt, POLL_MS).unref();
  const watcher = watchFolder(file, attempt, log);
  return () => {
    clearInterval(timer);
    watcher?.close();
  };
}

/** The folder rather than the file: a watch on a file stays with the one that was replaced. */
function watchFolder(file: string, onChange: () => void, log: Log): FSWatcher | undefined {
  const name = path.basename(file);
  try {
    const watcher = watch(path.dirname(file), { persistent: false }, (_event, changed) => {
      if (changed === name || changed === null) onChange();
    });
    return watcher.on('error', (err) => {
      log.warn({ err }, 'auth.json cannot be watched any more and is polled');
      watcher.close();
    });
  } catch (err) {
    log.warn({ err }, 'auth.json cannot be watched and is polled');
    return undefined;
  }
}
