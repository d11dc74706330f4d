import type { FileSystem } from '../files/file-system.ts';
import { type RolloutHead, readHead } from './head.ts';

interface Known {
  readonly head: RolloutHead;
  readonly version: string;
}

/** Heads that are remembered, for the pages that are looked at again and again. */
const REMEMBERED = 1_024;

/** Longest preview that is worth remembering, in characters. */
const MAX_PREVIEW = 2_000;

/**
 * A file that changed less than this before it was read, in ms, may change again without a change of its time: the
 * clocks of file systems tick every few milliseconds, those of old ones every 2 seconds.
 */
const SETTLED_AFTER_MS = 2_500;

const known = new Map<string, Known>();

function remember(path: string, entry: Known): void {
  known.delete(path);
  known.set(path, entry);
  for (const oldest of known.keys()) {
    if (known.size <= REMEMBERED) return;
    known.delete(oldest);
  }
}

/** Differs after every change of a file, if that was not in the same tick of the clock; `undefined` without a file. */
function versionOf(path: string, files: FileSystem): { version: string; isSettled: boolean } | undefined {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = files.lstatSync(path, { bigint: true });
    const isSettled = Date.now() - Number(ctimeMs) > SETTLED_AFTER_MS;
    return { version: [dev, ino, size, mtimeNs, ctimeNs].join(':'), isSettled };
  } catch {
    // Whoever reads it finds out what the matter is.
    return undefined;
  }
}

/**
 * The head of a rollout, read again only when the file has changed.
 * @throws RolloutError when it cannot be read
 */
export async function knownHead(path: string, files: FileSystem): Promise<RolloutHead> {
  const now = versionOf(path, files);
  const remembered = known.get(path);
  if (remembered && remembered.version === now?.version) return remembered.head;
  const head = await readHead(path, files);
  if (now?.isSettled && (head.preview?.length ?? 0) <= MAX_PREVIEW)
    remember(path, { head, version: now.version });
  return head;
}
