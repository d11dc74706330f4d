import { print } from '../output.ts';
import { withClient } from '../session.ts';
import { findConversation } from './find.ts';
import type { ConversationFlags } from './flags.ts';

/** `codexd archive ID`. */
export async function archive(id: string, flags: ConversationFlags): Promise<number> {
  const conversationId = await withClient(flags, async (client) => {
    const { path, ...found } = await findConversation(client, id);
    await client.call('archiveConversation', { conversationId: found.conversationId, rolloutPath: path });
    return found.conversationId;
  });
  print(flags, { conversationId, archived: true }, `archived ${conversationId}`);
  return 0;
}

/** `codexd unarchive ID`. */
export async function unarchive(id: string, flags: ConversationFlags): Promise<number> {
  const moved = await withClient(flags, async (client) => {
    const { conversationId } = await findConversation(client, id);
    const { rolloutPath } = await client.call('unarchiveConversation', { conversationId });
    return { conversationId, rolloutPath };
  });
  print(flags, { ...moved, archived: false }, `unarchived ${moved.conversationId}`);
  return 0;
}
