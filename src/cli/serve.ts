import type { Logger } from 'pino';
import type { Override } from '../core/config/overrides.ts';
import { forbidCoreDumps } from '../daemon/core-dumps.ts';
import { recordStart } from '../daemon/crash-record.ts';
import { type Home, locateHome, openHome } from '../daemon/home.ts';
import { type DaemonInfo, processStartedAt, publishInfo, withdrawInfo } from '../daemon/info.ts';
import { exitCodeOf, runUntilStopped } from '../daemon/lifetime.ts';
import { createLineWriter, type LineWriter } from '../daemon/line-writer.ts';
import { acquireLock } from '../daemon/lock.ts';
import { createLog } from '../daemon/log.ts';
import { OperatorError } from '../daemon/operator-error.ts';
import { findLockOwner } from '../daemon/owner.ts';
import { type ProcessEvents, watchProcess } from '../daemon/process-events.ts';
import { createRedactor, type Redactor } from '../daemon/redact.ts';
import { openServiceManager, type ServiceManager } from '../daemon/service-manager.ts';
import { prepareSocketPath } from '../daemon/socket-path.ts';
import { openToken, type Token, withdrawRunToken } from '../daemon/token.ts';
import { watchToken } from '../daemon/token-watch.ts';
import type { LoadDaemon, RunningDaemon, StartDaemon } from '../daemon/types.ts';
import { startWatchdog, type Watchdog } from '../daemon/watchdog.ts';
import { FIRST_REQUEST } from '../protocol/first-request.ts';
import { note, type OutputFlags, print } from './output.ts';
import { parseOverrides } from './overrides.ts';
import { refuseDebugging } from './refuse-debugging.ts';
import { answerRequests } from './requests.ts';
import { resolveSettings, type SettingFlags, type Settings } from './settings.ts';
import { explainStartError } from './start-error.ts';
import { readVersion } from './version.ts';

export interface ServeFlags extends SettingFlags, OutputFlags {
  /** `key=value`, as given. */
  readonly config?: readonly string[];
  readonly profile?: string;
  readonly demo?: boolean;
  readonly allowDebug?: boolean;
  /** For commands, where a service manager gives the daemon one of its own. */
  readonly userUmask?: number;
}

/** What does not change between the start and the end of one run. */
interface Run {
  readonly flags: ServeFlags;
  readonly overrides: readonly Override[];
  readonly settings: Settings;
  readonly userUmask: number;
  readonly log: Logger;
  readonly redactor: Redactor;
  readonly events: ProcessEvents;
  readonly serviceManager: ServiceManager;
  readonly safeMode: boolean;
  readonly loadDaemon: LoadDaemon;
}

const FLUSH_LIMIT_MS = 100;
const SAFE_MODE =
  'safe mode: codexd crashed five times within a minute and now runs without MCP servers; a restart after a while ends it';

/**
 * `codexd serve`: runs the daemon until a signal ends it.
 *
 * @returns the exit code
 * @throws {UsageError | OperatorError} when the command line or the machine keeps it from starting
 */
export async function serve(flags: ServeFlags, loadDaemon: LoadDaemon): Promise<number> {
  const ownUmask = process.umask(0o077);
  const userUmask = flags.userUmask ?? ownUmask;
  process.report.excludeEnv = true;
  if (!flags.allowDebug) refuseDebugging(process.execArgv, process.env);
  const overrides = parseOverrides(flags.config ?? []);
  const { codexHome } = await locateHome(process.env);
  const settings = await resolveSettings(flags, overrides, process.env, codexHome);
  const writer = createLineWriter(process.stderr);
  const redactor = createRedactor();
  const log = openLog(settings, redactor, writer);
  const events = watchProcess(log);
  const serviceManager = openServiceManager(process.env, log);
  process.once('exit', writer.writeAll);
  try {
    await forbidCoreDumps(log);
    const home = await openHome(process.env);
    return await serveHome(home, {
      flags,
      overrides,
      settings,
      userUmask,
      log,
      redactor,
      events,
      serviceManager,
      safeMode: false,
      loadDaemon,
    });
  } catch (error) {
    return await fail(error, log);
  } finally {
    await writer.flush(FLUSH_LIMIT_MS);
    process.off('exit', writer.writeAll);
  }
}

/** What nobody can mend at the command line goes to the log, where secrets are taken out of it. */
async function fail(error: unknown, log: Logger): Promise<number> {
  const reason = await explainStartError(error);
  if (reason instanceof OperatorError) throw reason;
  log.fatal({ err: reason }, 'codexd failed');
  return 1;
}

function openLog({ logLevel, logFormat }: Settings, redactor: Redactor, writer: LineWriter): Logger {
  const terminal = process.stderr.isTTY;
  const format = logFormat ?? (terminal ? 'pretty' : 'json');
  const colour = terminal && !process.env.NO_COLOR;
  return createLog({ level: logLevel, format, colour }, redactor, writer);
}

async function serveHome(home: Home, run: Run): Promise<number> {
  const [lock, startDaemon] = await Promise.all([acquireLock(home.folder), run.loadDaemon()]);
  if (lock === undefined) throw await alreadyRunning(home);
  const watchdog = startWatchdog(run.log);
  try {
    if (lock.kind === 'pid file') run.log.warn('neither flock nor perl is here: the lock is a pid file');
    const token = await openToken(home.folder, process.env);
    run.redactor.register(token.value);
    const crashes = await recordStart(home.folder, run.log);
    if (crashes.isLoop) run.log.error(SAFE_MODE);
    const exitCode = await crashes.during(run.events.crash, () =>
      runDaemon(startDaemon, home, token, watchdog, { ...run, safeMode: crashes.isLoop }),
    );
    return exitCode;
  } finally {
    watchdog.stop();
    await withdrawInfo(home.folder);
    await withdrawRunToken(home.folder);
    lock.release();
  }
}

async function runDaemon(
  startDaemon: StartDaemon,
  home: Home,
  token: Token,
  watchdog: Watchdog,
  run: Run,
): Promise<number> {
  const daemon = await Promise.race([
    start(startDaemon, home, token, watchdog, run),
    interrupted(run.events),
  ]);
  if (typeof daemon === 'number') return daemon;
  const watch = watchToken(token, takeUp(daemon, run.redactor), run.log);
  try {
    await announce(home, token, daemon, run);
    const settings = answerRequests(run.events, { ...run, home, daemon, watch });
    run.serviceManager.ready(`listening on ${daemon.url}`);
    void run.events.firstSignal.then(() => run.serviceManager.stopping());
    return await runUntilStopped(daemon, run.events, () => settings().drainMs, run.log);
  } finally {
    run.serviceManager.close();
    await watch.stop();
  }
}

function takeUp(daemon: RunningDaemon, redactor: Redactor): (token: string | undefined) => void {
  return (token) => {
    if (token !== undefined) redactor.register(token);
    daemon.changeToken(token);
  };
}

async function alreadyRunning(home: Home): Promise<OperatorError> {
  const owner = await findLockOwner(home.folder);
  return new OperatorError(
    owner === undefined
      ? `Another codexd holds ${home.codexHome}, and its daemon.json does not say where it listens.`
      : `codexd is already running on ${home.codexHome}: ${owner.url} (process ${owner.pid})`,
  );
}

async function start(
  startDaemon: StartDaemon,
  home: Home,
  token: Token,
  watchdog: Watchdog,
  run: Run,
): Promise<RunningDaemon> {
  const { flags, settings, overrides, log, redactor, userUmask, safeMode } = run;
  const { host, port, socket } = settings;
  const { CODEXD_TOKEN: _, ...env } = process.env;
  const processCwd = process.cwd();
  log.debug({ codexHome: home.codexHome, host, port }, 'starting');
  return startDaemon({
    codexHome: home.codexHome,
    processCwd,
    env,
    host,
    port,
    socketPath: socket === false ? undefined : await prepareSocketPath(socket, home, processCwd, env),
    cliOverrides: overrides,
    profile: flags.profile,
    demo: flags.demo ?? false,
    token: token.value,
    exposure: settings.exposure,
    unloadAfterMs: settings.unloadAfterMs,
    approvalTimeoutMs: settings.approvalTimeoutMs,
    log,
    redactor,
    userUmask,
    safeMode,
    watchdog,
    version: readVersion(),
  });
}

/** While the daemon starts there is nothing to drain: a first signal waits for the start, a second one does not. */
function interrupted(events: ProcessEvents): Promise<number> {
  return Promise.race([events.secondSignal.then(exitCodeOf), events.crash.then(() => 1)]);
}

/** Scripts wait for the line on stdout, so everything else is in place before it. */
async function announce(home: Home, token: Token, daemon: RunningDaemon, { flags, log }: Run): Promise<void> {
  const info = {
    pid: process.pid,
    url: daemon.url,
    socket: daemon.socket ?? null,
    version: readVersion(),
    protocolVersions: ['v1'],
    tokenPath: token.path,
    startedAt: processStartedAt(),
  } satisfies DaemonInfo;
  await publishInfo(home.folder, info);
  log.info({ socket: daemon.socket, tokenPath: token.path }, `listening on ${daemon.url}`);
  log.info(`try it: ${FIRST_REQUEST}`);
  // Past the log, which would take the code for the secret that it is.
  if (process.stderr.isTTY) note(`in a browser, within a minute: ${daemon.signInUrl()}`);
  print(flags, info, `codexd listening on ${daemon.url}`);
}
