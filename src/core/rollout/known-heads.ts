import type { FileSystem } from '../files/file-system.ts';
import { type RolloutHead, readHead } from './head.ts';
import { type Version, versionOf } from './settled-version.ts';

interface Known {
  readonly head: RolloutHead;
  readonly version: string;
}

/** Heads that are remembered, for the pages that are looked at again and again. */
const REMEMBERED = 1_024;

/** Longest preview that is worth remembering, in characters. */
const MAX_PREVIEW = 2_000;

const known = new Map<string, Known>();

function remember(path: string, entry: Known): void {
  known.delete(path);
  known.set(path, entry);
  for (const oldest of known.keys()) {
    if (known.size <= REMEMBERED) return;
    known.delete(oldest);
  }
}

/** `undefined` without a file: whoever reads it finds out what the matter is. */
function lookAt(path: string, files: FileSystem): Version | undefined {
  try {
    return versionOf(files.lstatSync(path, { bigint: true }));
  } catch {
    return undefined;
  }
}

/**
 * The head of a rollout, read again only when the file has changed.
 * @throws RolloutError when it cannot be read
 */
export async function knownHead(path: string, files: FileSystem): Promise<RolloutHead> {
  const now = lookAt(path, files);
  const remembered = known.get(path);
  if (remembered && remembered.version === now?.version) return remembered.head;
  const head = await readHead(path, files);
  if (now?.isSettled && (head.preview?.length ?? 0) <= MAX_PREVIEW)
    remember(path, { head, version: now.version });
  return head;
}
