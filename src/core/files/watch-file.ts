import { type FSWatcher, watch } from 'node:fs';
import { lstat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../log.ts';

/** Between two looks, in milliseconds: where the system tells of changes, and where it may not. */
const SLOW_MS = 10_000;
const QUICK_MS = 400;

/**
 * File systems of this machine alone, by the numbers of statfs(2): on others, inotify tells of local changes only. The last
 * two are those of macOS.
 */
const LOCAL: ReadonlySet<number> = new Set([
  ...[0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0xca451a4e],
  ...[0x1a, 0x11],
]);

export interface FileWatch {
  /** Looks at once. */
  look(): void;
  /** Resolves when a look that was under way is over. */
  stop(): Promise<void>;
}

/**
 * Calls `look` at once when anything happened to the file, and now and then anyway: twice a second and more where the
 * system may keep a change to itself, as for links, network file systems, and when its watches are used up. Never twice
 * at a time.
 * @param look its failures are logged, each kind once in a row
 */
export function watchFile(file: string, look: () => Promise<unknown>, log: Pick<Log, 'warn'>): FileWatch {
  const folder = path.dirname(file);
  const looks = oneAtATime(look, file, log);
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  let rounds = 0;
  let isStopped = false;
  let isWarned = false;

  function onChange(changed: string | null): void {
    if (changed === path.basename(file) || changed === null) {
      looks.look();
      void patrol();
    }
    // The folder itself: it was moved or removed, and what is at its place now is not watched.
    if (changed === path.basename(folder)) unwatch();
  }

  function unwatch(): void {
    watcher?.close();
    watcher = undefined;
    if (!isStopped) void patrol();
  }

  /** The folder rather than the file: a watch on a file stays with the one that was replaced. */
  function watchFolder(): FSWatcher | undefined {
    try {
      const made = watch(folder, { persistent: false }, (_event, changed) => onChange(changed));
      return made.on('error', unwatch);
    } catch (err) {
      if (!isWarned) log.warn({ err, file }, 'a file cannot be watched and is looked at again and again');
      isWarned = true;
      return undefined;
    }
  }

  /** Plans the next look, from how the file is there now. */
  async function patrol(): Promise<void> {
    const round = ++rounds;
    const isTold = watcher !== undefined && (await tellsOfChanges(file));
    if (isStopped || round !== rounds) return;
    clearTimeout(timer);
    timer = setTimeout(onTime, isTold ? SLOW_MS : QUICK_MS).unref();
  }

  function onTime(): void {
    watcher ??= watchFolder();
    looks.look();
    void patrol();
  }

  onTime();
  return {
    look: looks.look,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      unwatch();
      await looks.stop();
    },
  };
}

/** What is asked for during a look gets another one after it. */
function oneAtATime(look: () => Promise<unknown>, file: string, log: Pick<Log, 'warn'>): FileWatch {
  let looking: Promise<void> | undefined;
  let isWanted = false;
  let isStopped = false;
  let trouble: string | undefined;

  async function lookOnce(): Promise<void> {
    try {
      await look();
      trouble = undefined;
    } catch (err) {
      const kind = (err as NodeJS.ErrnoException).code ?? String(err);
      if (kind !== trouble) log.warn({ err, file }, 'a file cannot be looked at now');
      trouble = kind;
    }
  }

  async function lookWhileWanted(): Promise<void> {
    while (isWanted && !isStopped) {
      isWanted = false;
      await lookOnce();
    }
    looking = undefined;
  }

  return {
    look() {
      isWanted = true;
      looking ??= lookWhileWanted();
    },
    async stop() {
      isStopped = true;
      await looking;
    },
  };
}

/** A link may lead to a folder that is not watched. */
async function tellsOfChanges(file: string): Promise<boolean> {
  const [link, place] = await Promise.all([
    lstat(file).catch(() => undefined),
    statfs(path.dirname(file)).catch(() => undefined),
  ]);
  return !link?.isSymbolicLink() && place !== undefined && LOCAL.has(place.type);
}
