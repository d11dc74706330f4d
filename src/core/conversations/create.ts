import { randomUUID } from 'node:crypto';
import type { RolloutItem } from '../../protocol/vocabulary/rollout.ts';
import type { Config } from '../config/types.ts';
import { collectGitInfo } from '../context/git-info.ts';
import { MessageTexts } from '../rollout/message-texts.ts';
import { rolloutPath } from '../rollout/path.ts';
import { assemble, type Origin, type Wiring } from './assemble.ts';
import type { Conversation } from './conversation.ts';
import type { ConversationFiles } from './conversation-file.ts';
import { readOpening } from './opening.ts';
import { noProgress } from './progress.ts';

/** Opens the rollout file of a new conversation, with what the model is told first, and puts it on disk. */
export async function createConversation(
  config: Config,
  origin: Origin,
  storage: ConversationFiles,
  wiringOf: (id: string) => Wiring,
): Promise<Conversation> {
  const id = randomUUID();
  const now = new Date();
  const wiring = wiringOf(id);
  const [{ instructions, items }, git] = await Promise.all([
    readOpening(config, origin.codexHome, wiring.host.env.SHELL),
    collectGitInfo(config.cwd),
  ]);
  const meta: RolloutItem = {
    type: 'session_meta',
    payload: {
      id,
      timestamp: now.toISOString(),
      cwd: config.cwd,
      originator: origin.originator,
      cli_version: origin.version,
      instructions: instructions ?? null,
      ...(git && { git }),
    },
  };
  const rollout = await storage.create(id, rolloutPath(origin.codexHome, now, id), config.durability);
  const opening = items.map((payload): RolloutItem => ({ type: 'response_item', payload }));
  const contents = {
    id,
    config,
    opening: items,
    readHistory: () => items,
    messages: new MessageTexts(),
    loadedFrom: undefined,
    progress: noProgress(),
    rollout,
  };
  try {
    await rollout.append([meta, ...opening], { sync: true, urgent: true });
    return await assemble(contents, wiring, origin);
  } catch (error) {
    await rollout.discard();
    throw error;
  }
}
