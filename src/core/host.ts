import type { ProcessScope } from './process-scope.ts';

/** The surroundings that the daemon was started in, and that commands of the user are to find again. */
export interface Host {
  readonly env: NodeJS.ProcessEnv;
  /** The user's own; the daemon itself runs with a stricter one. */
  readonly umask: number;
  /** Where programs are started, except those that are to outlive us. */
  readonly processes: ProcessScope;
}

/** The same surroundings, with a part of the processes to itself. */
export function withOwnProcesses(host: Host): Host {
  return { ...host, processes: host.processes.within() };
}
