import { realpath } from 'node:fs/promises';
import { findRollout } from '../rollout/catalog.ts';
import type { Unloaded } from './unloaded.ts';

/** The real path of a conversation's file, which another program may have moved since; where it was if it is gone. */
export async function whereNow(
  { rolloutPath }: Pick<Unloaded, 'rolloutPath'>,
  id: string,
  codexHome: string,
): Promise<string> {
  const file = await realpath(rolloutPath).catch(async () => (await findRollout(codexHome, id))?.path);
  return file ?? rolloutPath;
}
