import { spawn } from 'node:child_process';
import type { Logger } from 'pino';

/** Seconds without a sign of life that are told of (REL-ST-1). */
const STANDSTILL_S = 5;
/** Milliseconds between two signs of life: at most, and at least when what goes on has changed. */
const SIGN_MS = 2_000;
const CHANGED_MS = 100;

/**
 * Reads signs of life, one line each, and writes a line of the log itself when none came for so many seconds in a row. Time
 * during which the whole machine slept counts as one second at most. Ends with its input. Before version 4, `read`
 * does not tell the end of the input from a wait in vain.
 */
const WATCH = `[ "\${BASH_VERSINFO[0]}" -ge 4 ] || exit 3
silent=0 operations=
while :; do
  IFS= read -r -t 1 line
  case $? in
    0) silent=0 operations=$line ;;
    1) exit 0 ;;
    *) silent=$((silent + 1))
      [ "$silent" -eq "$1" ] && printf '{"level":50,"time":"%s","pid":%s,"operations":[%s],"msg":"the event loop has stood still for %s s"}\\n' \\
        "$(date -u +%Y-%m-%dT%H:%M:%S.000Z)" "$2" "$operations" "$1" >&3 ;;
  esac
done`;

export interface Watchdog {
  /**
   * Says that the event loop turns, and what goes on; cheap enough to be called at every turn.
   * @param now as `performance.now` gives it
   */
  alive(operations: () => readonly string[], now?: number): void;
  stop(): void;
}

export interface WatchdogOptions {
  readonly seconds?: number;
  /** Descriptor of the log. */
  readonly output?: number;
}

/**
 * Notices a standstill from outside the event loop. A shell is the smallest outsider there is: a third of a megabyte, where
 * a worker thread costs ten. Without bash there is none.
 */
export function startWatchdog(log: Pick<Logger, 'debug'>, options: WatchdogOptions = {}): Watchdog {
  const { seconds = STANDSTILL_S, output = 2 } = options;
  const args = [
    '--norc',
    '--noprofile',
    '-c',
    WATCH,
    'codexd-watchdog',
    String(seconds),
    String(process.pid),
  ];
  const shell = spawn('bash', args, {
    // Handed over as one of the first three, a descriptor would be made blocking, and the daemon's own log with it.
    stdio: ['pipe', 'ignore', 'ignore', output],
    env: { PATH: process.env.PATH },
    cwd: '/',
    // The signals of a terminal are the daemon's business.
    detached: true,
  });
  let isThere = true;
  let signedAt = Number.NEGATIVE_INFINITY;
  let said = '';
  const gone = (details: object): void => {
    if (isThere) log.debug(details, 'nobody watches from outside whether the event loop stands still');
    isThere = false;
  };
  shell.on('error', (err) => gone({ err }));
  shell.on('exit', (code) => gone({ code }));
  shell.stdin?.on('error', () => {});
  shell.unref();
  return {
    alive(operations, now = performance.now()) {
      if (!isThere || now - signedAt < CHANGED_MS) return;
      const text = operations()
        .map((name) => JSON.stringify(name))
        .join();
      if (text === said && now - signedAt < SIGN_MS) return;
      signedAt = now;
      said = text;
      shell.stdin?.write(`${text}\n`);
    },
    stop() {
      isThere = false;
      shell.stdin?.end();
    },
  };
}
