import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../core/log.ts';
import type { ProcessScope } from '../../core/process-scope.ts';
import { ensurePrivateFolder } from '../private-path.ts';
import { coalesce } from './coalesce.ts';
import { endProcesses, selectMembers } from './end-processes.ts';
import { procTable } from './proc-table.ts';
import type { ProcessTable } from './process-table.ts';
import { psTable } from './ps-table.ts';
import { readRecords } from './records.ts';
import { createScope, type WatchedGroup } from './scope.ts';

export interface Children {
  /** Groups that live, each led by a process that the daemon started. */
  readonly count: number;
  readonly scope: ProcessScope;
  /** Ends all of them, and forgets the run. */
  close(): Promise<void>;
}

const RUN_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Ends what a daemon that was killed has left behind, and takes charge of the processes of this one (REL-CH-1). Each run
 * has a folder, whose name is its marker, with a record of every group that lives.
 * @param folder the daemon's own; whoever calls holds the instance lock
 */
export async function openChildren(folder: string, log: Log): Promise<Children> {
  const runs = join(folder, 'children');
  const table = process.platform === 'linux' ? procTable() : psTable();
  await ensurePrivateFolder(runs);
  await endFormerRuns(runs, table, log);
  const id = randomUUID();
  const own = join(runs, id);
  mkdirSync(own, { mode: 0o700 });
  const list = coalesce(() => table.list());
  const groups = new Map<number, WatchedGroup>();
  const scope = createScope({ folder: own, table, list, groups, log }, id);
  return {
    scope,
    get count() {
      return groups.size;
    },
    async close() {
      await scope.endAll();
      rmSync(own, { recursive: true, force: true });
    },
  };
}

async function endFormerRuns(runs: string, table: ProcessTable, log: Log): Promise<void> {
  for (const id of readdirSync(runs).filter((name) => RUN_ID.test(name))) {
    try {
      await endFormerRun(join(runs, id), id, table, log);
    } catch (err) {
      log.error({ err }, 'what a daemon before this one has left behind could not be looked for');
    }
  }
}

async function endFormerRun(folder: string, marker: string, table: ProcessTable, log: Log): Promise<void> {
  const groups = readRecords(folder).filter(table.isOfThisBoot);
  const find = async () => selectMembers(await table.list(), { marker, groups }, table);
  const ended = await endProcesses(find);
  if (ended > 0) log.warn({ ended }, 'ended processes that a daemon before this one had left behind');
  rmSync(folder, { recursive: true, force: true });
}
