import { errorCode } from './errors.ts';
import { type RolloutHead, readHead } from './head.ts';
import { isFileTimestamp, normaliseId, type RolloutName } from './path.ts';
import { activeRollouts, archivedRollouts, precedes, type RolloutFile } from './walk.ts';

export interface ListOptions {
  readonly codexHome: string;
  /** 0 gives an empty page. */
  readonly pageSize: number;
  /** The `nextCursor` of another page; anything else is ignored. */
  readonly cursor?: string | undefined;
  readonly archived?: boolean;
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

/** Skips the files up to the cursor's place; like the reference it does not look for it again after that. */
async function* after(
  files: AsyncIterable<RolloutFile>,
  cursor: RolloutName | undefined,
): AsyncGenerator<RolloutFile> {
  let isBefore = cursor !== undefined;
  for await (const file of files) {
    isBefore &&= cursor !== undefined && !precedes(cursor, file);
    if (!isBefore) yield file;
  }
}

interface Candidate {
  readonly file: RolloutFile;
  readonly head: RolloutHead;
}

/** Files that cannot be read are not shown; one of them must not hide the others. */
async function inspect(file: RolloutFile): Promise<Candidate[]> {
  try {
    const head = await readHead(file.path);
    return head.meta !== undefined && head.hasUserMessage ? [{ file, head }] : [];
  } catch (error) {
    if (errorCode(error) === 'EMFILE' || errorCode(error) === 'ENFILE') throw error;
    return [];
  }
}

async function inspectAll(files: readonly RolloutFile[]): Promise<Candidate[]> {
  return (await Promise.all(files.map(inspect))).flat();
}

async function takePage(files: AsyncIterable<RolloutFile>, pageSize: number): Promise<Candidate[]> {
  const page: Candidate[] = [];
  let batch: RolloutFile[] = [];
  for await (const file of files) {
    batch.push(file);
    if (batch.length < Math.min(CONCURRENCY, pageSize - page.length)) continue;
    page.push(...(await inspectAll(batch)));
    batch = [];
    if (page.length >= pageSize) return page;
  }
  page.push(...(await inspectAll(batch)));
  return page;
}

function summarise({ file, head }: Candidate): StoredSummary[] {
  const { leadingMeta, preview } = head;
  if (leadingMeta === undefined || preview === undefined) return [];
  const { id, timestamp } = leadingMeta;
  return [{ conversationId: id, path: file.path, preview, ...(timestamp !== '' && { timestamp }) }];
}

/**
 * One page of the stored conversations, newest first (protocol-v1, section 17). A file without anything to show uses up
 * a place of the page all the same.
 * @throws RolloutError when a directory cannot be listed
 */
export async function listRollouts(options: ListOptions): Promise<RolloutPage> {
  const { codexHome, pageSize, archived = false } = options;
  if (pageSize === 0) return { items: [] };
  const files = archived ? archivedRollouts(codexHome) : activeRollouts(codexHome);
  const page = await takePage(after(files, parseCursor(options.cursor)), pageSize);
  const items = page.flatMap(summarise);
  const last = page.at(-1)?.file;
  return last === undefined ? { items } : { items, nextCursor: `${last.timestamp}|${last.id}` };
}

/** Where the conversation with this id is stored; active ones come before archived ones. */
export async function findRollout(
  codexHome: string,
  id: string,
): Promise<{ path: string; archived: boolean } | undefined> {
  const wanted = normaliseId(id);
  for await (const file of activeRollouts(codexHome))
    if (file.id === wanted) return { path: file.path, archived: false };
  for await (const file of archivedRollouts(codexHome))
    if (file.id === wanted) return { path: file.path, archived: true };
  return undefined;
}
