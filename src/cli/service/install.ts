import { homedir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { openHome } from '../../daemon/home.ts';
import { findDaemon } from '../../daemon/info.ts';
import { OperatorError } from '../../daemon/operator-error.ts';
import { note, type OutputFlags, print } from '../output.ts';
import { parseOverrides } from '../overrides.ts';
import type { ServeFlags } from '../serve.ts';
import { resolveSettings } from '../settings.ts';
import { UsageError } from '../usage-error.ts';
import { captureEnvironment, programCommand, type ServiceDefinition, stopSecondsOf } from './definition.ts';
import type { ServiceManager } from './manager.ts';
import { openManager, type ServicePlace } from './open-manager.ts';
import { readServiceFile, writeServiceFile } from './service-file.ts';

export interface InstallFlags extends OutputFlags {
  readonly dryRun?: boolean;
  /** Names of variables. */
  readonly env?: readonly string[];
}

/** Arguments for `serve`, as given and as understood. */
export interface ServeLine {
  readonly args: readonly string[];
  readonly flags: ServeFlags;
}

const START_LIMIT_MS = 30_000;
const POLL_MS = 100;

/**
 * `codexd service install`: has the machine run `codexd serve` for this user. Doing it again brings the service up to date.
 *
 * @returns the exit code
 * @throws {OperatorError} when there is no manager, the settings are wrong, or the daemon does not come up
 */
export async function installService(flags: InstallFlags, line: ServeLine): Promise<number> {
  const place = await openManager(process.env);
  const { manager, name } = place;
  const text = manager.describe(await define(place, flags, line));
  const shown = { manager: manager.kind, name, path: manager.path };
  if (flags.dryRun) {
    print(flags, { ...shown, text }, text.trimEnd());
    return 0;
  }
  await manager.assertUsable();
  await assertNobodyElse(place);
  const changed = (await readServiceFile(manager.path)) !== text;
  await openHome(process.env);
  if (changed) await writeServiceFile(manager.path, text);
  await manager.activate(changed);
  const url = await listening(place);
  print(flags, { ...shown, changed, url }, `codexd runs as the service ${name} and listens on ${url}`);
  note(`It says more with: ${manager.logHint}`);
  return 0;
}

async function define(
  { codexHome, name, logPath }: ServicePlace,
  flags: InstallFlags,
  line: ServeLine,
): Promise<ServiceDefinition> {
  const overrides = parseOverrides(line.flags.config ?? []);
  const { drainMs } = await resolveSettings(line.flags, overrides, process.env, codexHome);
  const args = ['--user-umask', process.umask().toString(8).padStart(4, '0'), ...line.args];
  return {
    name,
    command: programCommand(process.execPath, process.argv[1] ?? '', args),
    environment: captureEnvironment(process.env, codexHome, givenNames(flags)),
    workingDirectory: homedir(),
    stopSeconds: stopSecondsOf(drainMs),
    logPath,
  };
}

function givenNames({ env = [] }: InstallFlags): readonly string[] {
  const odd = env.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (odd !== undefined) throw new UsageError(`--env ${odd}: the name of a variable, without its value`);
  return env;
}

/** A daemon that was started by hand holds the home, and the service would fail over and over. */
async function assertNobodyElse({ manager, folder }: ServicePlace): Promise<void> {
  const presence = await findDaemon(folder);
  if (presence.state !== 'running' || (await manager.status()).running) return;
  throw new OperatorError(
    `A codexd that is no service runs already (process ${presence.info.pid}). First: codexd stop`,
  );
}

/** @returns the daemon's URL once it takes requests */
async function listening({ manager, folder, name }: ServicePlace): Promise<string> {
  const limit = Date.now() + START_LIMIT_MS;
  while (Date.now() < limit) {
    const presence = await findDaemon(folder);
    if (presence.state === 'running') return presence.info.url;
    if (await hasFailed(manager)) break;
    await delay(POLL_MS);
  }
  throw new OperatorError(
    `The service ${name} is installed, but does not start. See why: ${manager.logHint}`,
  );
}

async function hasFailed(manager: ServiceManager): Promise<boolean> {
  return ['failed', 'restarting'].includes((await manager.status()).state);
}
