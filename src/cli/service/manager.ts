import type { ServiceDefinition } from './definition.ts';

export interface ServiceStatus {
  readonly enabled: boolean;
  readonly running: boolean;
  /** The manager's own word, as `active`, `failed` or `not running`; `restarting` between a failure and the next start. */
  readonly state: string;
  readonly pid: number | null;
}

/** One service of one user, as the machine's service manager has it. */
export interface ServiceManager {
  readonly kind: 'systemd' | 'launchd';
  /** Of the file that describes the service. */
  readonly path: string;
  /** Shown to people who want to know what the daemon says. */
  readonly logHint: string;
  describe(definition: ServiceDefinition): string;
  /** @throws {OperatorError} when there is no such manager for this user, with what to do */
  assertUsable(): Promise<void>;
  /**
   * Takes the file up and starts the service, at every login from now on.
   *
   * @param changed whether a running service is to be started anew
   */
  activate(changed: boolean): Promise<void>;
  /** Stops the service and forgets it; the file is removed after that. */
  deactivate(): Promise<void>;
  /** The file is gone. */
  forget(): Promise<void>;
  status(): Promise<ServiceStatus>;
}
