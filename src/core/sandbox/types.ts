import type { Duplex } from 'node:stream';
import type { SandboxPolicy } from '../../protocol/vocabulary/policies.ts';
import type { Finished, Outcome } from './outcome.ts';
import type { Access, RestrictingPolicy } from './policy.ts';
import type { Obstacle } from './unavailable.ts';

/** What confines commands on this machine. */
export type SandboxStatus =
  | { readonly kind: 'bubblewrap' | 'sandbox-exec'; readonly path: string }
  | ({ readonly kind: 'none' } & Obstacle);

export interface Sandbox {
  readonly status: SandboxStatus;
  /** Where the policy lets something be written, for what is done without a command. */
  access(policy: RestrictingPolicy, request: Pick<SandboxRequest, 'workspace' | 'env'>): Promise<Access>;
  /**
   * Confines a command; only `danger-full-access` leaves it as it is.
   * @throws {SandboxUnavailableError} when not all restrictions of the policy can be enforced
   * @throws {EmptyCommandError} when `command` is empty
   */
  wrap(command: readonly string[], request: SandboxRequest): Promise<SandboxedCommand>;
}

export interface SandboxRequest {
  readonly policy: SandboxPolicy;
  /** Absolute: the folder of the conversation, from which the policy's roots are taken. */
  readonly workspace: string;
  /** Absolute: where the command runs. The model may choose it, so it makes nothing writable. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What to run instead of a command. `release` has to be called in the end, whether or not it was run. */
export interface SandboxedCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The process has a pipe for each from descriptor 3 on; the function gets our end, and keeps it. */
  readonly pipes: readonly PipeUser[];
  /** The reference's name for it in what the model reads (protocol-v1, section 7). */
  readonly label: 'None' | 'LinuxSeccomp' | 'MacosSeatbelt';
  /**
   * What the end of the process says about the command.
   * @throws {SpawnError} when the program or its folder cannot be used
   * @throws {SandboxUnavailableError} when the command was not started because it could not be confined
   */
  outcome(finished: Finished): Promise<Outcome>;
  release(): void;
}

export type PipeUser = (end: Duplex) => void;
