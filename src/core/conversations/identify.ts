import { realpath, stat } from 'node:fs/promises';
import { RolloutError, toRolloutError } from '../rollout/errors.ts';
import { readMeta } from '../rollout/head.ts';
import { readRollout } from '../rollout/reader.ts';
import { requireName } from '../rollout/regular-file.ts';
import type { Conversation } from './conversation.ts';

/** A rollout file and whose it is. */
export interface Identified {
  /** Real path. */
  readonly file: string;
  readonly id: string;
}

/**
 * The conversation that a rollout belongs to; its session_meta says so, not its name.
 * @throws RolloutError with the reference's wording
 */
export async function identify(path: string): Promise<Identified> {
  requireName(path);
  const file = await realpath(path).catch((error) => {
    throw toRolloutError(error);
  });
  const meta = await readMeta(file);
  return { file, id: meta?.id ?? (await readRollout(file)).meta.id };
}

/** @throws RolloutError `loaded_elsewhere` when the conversation goes on in another file, such as a copy */
export async function requireSameFile(conversation: Conversation, file: string): Promise<void> {
  const { id, rolloutPath } = conversation;
  if (rolloutPath === file || (await isSameFile(rolloutPath, file))) return;
  throw new RolloutError(
    'loaded_elsewhere',
    `conversation ${id} is loaded from another file: ${rolloutPath}`,
  );
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((path) => stat(path).catch(() => undefined)));
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino;
}
