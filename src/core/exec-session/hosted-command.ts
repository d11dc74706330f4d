/** What a terminal host is told to run; see `terminal-host.ts`. */
export interface HostedCommand {
  /** Not empty. A program without a slash is looked up in the PATH of `env`. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What a host writes before anything that its command does: one byte. */
export const STARTED = '\u0006';
