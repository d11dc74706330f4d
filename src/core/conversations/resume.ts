import type { Config } from '../config/types.ts';
import { RolloutError } from '../rollout/errors.ts';
import { history, readRollout } from '../rollout/reader.ts';
import type { StoredConversation } from '../rollout/types.ts';
import { assemble, type Origin, type Wiring } from './assemble.ts';
import { compactedHistory } from './compacted-history.ts';
import type { Conversation } from './conversation.ts';
import type { ConversationFile, ConversationFiles } from './conversation-file.ts';
import { readOpening } from './opening.ts';
import { noProgress } from './progress.ts';
import type { Unloaded } from './unloaded.ts';

/**
 * Loads a stored conversation to go on with it in its own file (protocol-v1, section 16).
 * @param file real path of the rollout
 * @param earlier what it was when this daemon unloaded it
 * @throws RolloutError; the file is then as it was, except for a torn end
 */
export async function resumeConversation(
  file: string,
  config: Config,
  origin: Origin,
  storage: ConversationFiles,
  wiringOf: (id: string) => Wiring,
  earlier?: Pick<Unloaded, 'opening' | 'progress'>,
): Promise<Conversation> {
  const { stored, rollout } = await openStored(file, (id) => storage.open(id, file, config.durability));
  try {
    const { id } = stored.meta;
    const wiring = wiringOf(id);
    const opening =
      earlier?.opening ?? (await readOpening(config, origin.codexHome, wiring.host.env.SHELL)).items;
    const contents = {
      id,
      config,
      opening,
      readHistory: () => history(stored, (before, summary) => compactedHistory(opening, before, summary)),
      messages: stored.messages,
      loadedFrom: { size: stored.size, damagedLines: stored.damagedLines },
      progress: earlier?.progress ?? noProgress(),
      rollout,
    };
    return await assemble(contents, wiring, origin);
  } catch (error) {
    await rollout.close();
    throw error;
  }
}

/** The contents up to where the writer goes on: what somebody wrote between reading and opening is read as well. */
async function openStored(
  file: string,
  open: (id: string) => Promise<ConversationFile>,
): Promise<{ stored: StoredConversation; rollout: ConversationFile }> {
  const stored = await readWritable(file);
  const rollout = await open(stored.meta.id);
  if (rollout.size === stored.size) return { stored, rollout };
  try {
    return { stored: await readWritable(file), rollout };
  } catch (error) {
    await rollout.close();
    throw error;
  }
}

/** A program that numbers its lines could not read a file in which some have no number. */
async function readWritable(file: string): Promise<StoredConversation> {
  const stored = await readRollout(file);
  if (!stored.numbered) return stored;
  throw new RolloutError(
    'numbered',
    `${file} was written by a newer Codex that numbers its records; it can be read, but not continued here`,
  );
}
