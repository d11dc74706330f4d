import { basename, join } from 'node:path';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { errorCode, RolloutError, toRolloutError } from './errors.ts';
import type { RolloutHead } from './head.ts';
import { knownHead } from './known-heads.ts';
import { archiveDirectory, isFileTimestamp, normaliseId, type RolloutName } from './path.ts';
import { pause } from './pause.ts';
import { statsOf } from './same-file.ts';
import {
  activeRollouts,
  archivedRollouts,
  findActive,
  findArchived,
  type RolloutFile,
  type WalkOptions,
} from './walk.ts';

export interface ListOptions {
  readonly codexHome: string;
  /** 0 gives an empty page. */
  readonly pageSize: number;
  /** The `nextCursor` of another page; anything else is ignored. */
  readonly cursor?: string | undefined;
  readonly archived?: boolean;
  readonly files?: FileSystem;
}

export interface StoredSummary {
  readonly conversationId: string;
  readonly path: string;
  readonly preview: string;
  /** The session_meta's; absent when that is empty. */
  readonly timestamp?: string;
}

export interface RolloutPage {
  readonly items: readonly StoredSummary[];
  /** Present whenever the page took a file, also when that was the last one. */
  readonly nextCursor?: string;
}

/** Files read at the same time. */
const CONCURRENCY = 16;

function parseCursor(cursor: string | undefined): RolloutName | undefined {
  const [timestamp = '', written = '', ...rest] = cursor?.split('|') ?? [];
  const id = normaliseId(written);
  return id !== undefined && rest.length === 0 && isFileTimestamp(timestamp) ? { timestamp, id } : undefined;
}

interface Candidate {
  readonly file: RolloutFile;
  readonly head: RolloutHead;
}

/** The machine's trouble and not the file's; a list without the files that met it would be wrong. */
const PASSING_TROUBLE: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/** Files that cannot be read are not shown; one of them must not hide the others. */
async function inspect(file: RolloutFile, files: FileSystem): Promise<Candidate[]> {
  try {
    const head = await knownHead(file.path, files);
    return head.meta !== undefined && head.hasUserMessage ? [{ file, head }] : [];
  } catch (error) {
    const code = error instanceof RolloutError ? error.code : errorCode(error);
    if (PASSING_TROUBLE.has(code)) throw toRolloutError(error, `cannot read ${file.path}`);
    return [];
  }
}

async function inspectAll(batch: readonly RolloutFile[], files: FileSystem): Promise<Candidate[]> {
  const candidates = await Promise.all(batch.map((file) => inspect(file, files)));
  await pause();
  return candidates.flat();
}

async function takePage(
  rollouts: AsyncIterable<RolloutFile>,
  pageSize: number,
  files: FileSystem,
): Promise<Candidate[]> {
  const page: Candidate[] = [];
  let batch: RolloutFile[] = [];
  for await (const file of rollouts) {
    batch.push(file);
    if (batch.length < Math.min(CONCURRENCY, pageSize - page.length)) continue;
    page.push(...(await inspectAll(batch, files)));
    batch = [];
    if (page.length >= pageSize) return page;
  }
  page.push(...(await inspectAll(batch, files)));
  return page;
}

/** Between the two steps of a move a file has both names; lists show it in the archive then. */
function isAlsoArchived(codexHome: string, { path }: RolloutFile, files: FileSystem): boolean {
  const active = statsOf(path, files);
  if (active === undefined || active.nlink === 1) return false;
  const archived = statsOf(join(archiveDirectory(codexHome), basename(path)), files);
  return archived?.dev === active.dev && archived.ino === active.ino;
}

async function* onlyActive(codexHome: string, options: WalkOptions, files: FileSystem) {
  for await (const file of activeRollouts(codexHome, options))
    if (!isAlsoArchived(codexHome, file, files)) yield file;
}

function summarise({ file, head }: Candidate): StoredSummary[] {
  const { leadingMeta, preview } = head;
  if (leadingMeta === undefined || preview === undefined) return [];
  const { id, timestamp } = leadingMeta;
  return [{ conversationId: id, path: file.path, preview, ...(timestamp !== '' && { timestamp }) }];
}

/**
 * One page of the stored conversations, newest first (protocol-v1, section 17). A file without anything to show uses up
 * a place of the page all the same. What other programs did to the directories shows at once.
 * @throws RolloutError when a directory cannot be listed
 */
export async function listRollouts(options: ListOptions): Promise<RolloutPage> {
  const { codexHome, pageSize, archived = false, files = realFileSystem } = options;
  if (pageSize === 0) return { items: [] };
  const walk = { after: parseCursor(options.cursor), pageSize, files };
  const rollouts = archived ? archivedRollouts(codexHome, walk) : onlyActive(codexHome, walk, files);
  const page = await takePage(rollouts, pageSize, files);
  const items = page.flatMap(summarise);
  const last = page.at(-1)?.file;
  return last === undefined ? { items } : { items, nextCursor: `${last.timestamp}|${last.id}` };
}

/**
 * Where the conversation with this id is stored, going by the names alone; active ones come before archived ones.
 * @throws RolloutError when a directory cannot be listed
 */
export async function findRollout(
  codexHome: string,
  id: string,
  files: FileSystem = realFileSystem,
): Promise<{ path: string; archived: boolean } | undefined> {
  const active = await findActive(codexHome, id, files);
  if (active !== undefined && !isAlsoArchived(codexHome, active, files))
    return { path: active.path, archived: false };
  const archived = await findArchived(codexHome, id, files);
  return archived && { path: archived.path, archived: true };
}
