import type { ProcessScope } from '../process-scope.ts';
import { SessionTable } from './session-table.ts';

/** The sessions of one conversation. They outlive the turn that started them, but not its interrupt. */
export interface ExecSessions {
  readonly execCommand: SessionTable;
  readonly unifiedExec: SessionTable;
  /** Where their programs belong to. */
  readonly processes: ProcessScope;
  /** Ends all of them. Never fails. */
  endAll(): Promise<void>;
}

export function createExecSessions(processes: ProcessScope): ExecSessions {
  const execCommand = new SessionTable();
  const unifiedExec = new SessionTable();
  return {
    execCommand,
    unifiedExec,
    processes,
    async endAll() {
      await Promise.all([execCommand.endAll(), unifiedExec.endAll()]);
    },
  };
}
