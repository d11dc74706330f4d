import type { Logger } from 'pino';
import type { FileSystem } from '../core/files/file-system.ts';
import type { Exposure } from '../server/access/exposure.ts';
import type { Redactor } from './redact.ts';
import type { Watchdog } from './watchdog.ts';

/** What the command line hands to the composition root. */
export interface DaemonOptions {
  /** Absolute. */
  readonly codexHome: string;
  readonly processCwd: string;
  /** The environment without `CODEXD_TOKEN`. */
  readonly env: NodeJS.ProcessEnv;
  /** A literal loopback address. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Absolute, free to listen on; `undefined` for no unix socket. */
  readonly socketPath: string | undefined;
  /** Dotted keys of `config.toml` with their values, in the order they were given. */
  readonly cliOverrides: readonly (readonly [string, unknown])[];
  readonly profile: string | undefined;
  readonly demo: boolean;
  readonly token: string;
  /** Nothing beyond this machine's own names when left out. */
  readonly exposure?: Exposure;
  readonly log: Logger;
  /** Credentials that are loaded later are registered here, so that no log line can carry them. */
  readonly redactor: Redactor;
  /** The umask before the daemon restricted its own: commands and files of the user get this one. */
  readonly userUmask: number;
  readonly version: string;
  /** How long a conversation stays in memory that nobody uses, in milliseconds; 0 is for ever, a minute when left out. */
  readonly unloadAfterMs?: number;
  /** A question that nobody listens to is denied after so many milliseconds; never for 0 or when left out. */
  readonly approvalTimeoutMs?: number;
  /** Without MCP servers, because the daemon crashed again and again. */
  readonly safeMode?: boolean;
  /** Shown signs of life of the event loop; nobody looks from outside when left out. */
  readonly watchdog?: Pick<Watchdog, 'alive'>;
  /** What everything that is to last is stored with; the machine's own unless given. */
  readonly files?: FileSystem;
}

export interface RunningDaemon {
  /** Without a trailing slash. */
  readonly url: string;
  readonly socket: string | undefined;
  /** Ends what the earlier token opened. `undefined`: no token is good until the next change. */
  changeToken(value: string | undefined): void;
  /** An address that signs one browser in, once, within a minute. */
  signInUrl(): string;
  /** For a diagnostics file: ids, numbers and states, and nothing that was said. */
  inspect(): Promise<object>;
  /** Drains: no new turns, running turns get the deadline, rollouts flushed, clients closed with 1001. */
  close(options: { deadlineMs: number }): Promise<void>;
  /** Stop at once. */
  abort(): Promise<void>;
}

export type StartDaemon = (options: DaemonOptions) => Promise<RunningDaemon>;

/** Gives the daemon's code, which takes a tenth of a second to load. */
export type LoadDaemon = () => Promise<StartDaemon>;
