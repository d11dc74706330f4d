import type { Logger } from 'pino';
import type { Override } from '../core/config/overrides.ts';
import { writeDiagnostics } from '../daemon/diagnostics.ts';
import type { Home } from '../daemon/home.ts';
import type { ProcessEvents } from '../daemon/process-events.ts';
import type { Redactor } from '../daemon/redact.ts';
import type { RunningDaemon } from '../daemon/types.ts';
import { reloadSettings } from './reload.ts';
import { resolveSettings, type SettingFlags, type Settings } from './settings.ts';
import { readVersion } from './version.ts';

export interface Requested {
  readonly home: Home;
  readonly daemon: Pick<RunningDaemon, 'inspect'>;
  /** Of the token. */
  readonly watch: { look(): void };
  readonly flags: SettingFlags;
  readonly overrides: readonly Override[];
  /** In force at the start. */
  readonly settings: Settings;
  readonly log: Logger;
  readonly redactor: Redactor;
}

/** Does what signals ask for while the daemon runs. Returns the settings that are in force. */
export function answerRequests(events: ProcessEvents, requested: Requested): () => Settings {
  const { home, daemon, watch, flags, overrides, log, redactor } = requested;
  const read = () => resolveSettings(flags, overrides, process.env, home.codexHome);
  let { settings } = requested;
  let reloading = Promise.resolve();
  events.onRequest('SIGHUP', () => {
    watch.look();
    reloading = reloading.then(async () => {
      settings = await reloadSettings(settings, read, log);
    });
  });
  events.onRequest('SIGUSR2', () => {
    writeDiagnostics(home.folder, { version: readVersion(), redactor, inspect: daemon.inspect }).then(
      (path) => log.info({ path }, 'wrote down how the daemon is'),
      (err: unknown) => log.error({ err }, 'how the daemon is could not be written down'),
    );
  });
  return () => settings;
}
