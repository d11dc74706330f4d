import type { Client } from '../../client/client.ts';
import { OperatorError } from '../../daemon/operator-error.ts';
import type { Result } from '../../protocol/registry.ts';
import { printJson } from '../output.ts';
import { withClient } from '../session.ts';
import { createScreen } from '../terminal/screen.ts';
import { createTranscript } from '../terminal/transcript.ts';
import { findConversation } from './find.ts';
import type { ConversationFlags } from './flags.ts';

/** `codexd tail ID`: what happens in a conversation from now on, until it is closed; an event per line with `--json`. */
export async function tail(id: string, flags: ConversationFlags): Promise<number> {
  await withClient(flags, async (client) => {
    const conversation = assertLoaded(await findConversation(client, id));
    await follow(client, conversation.conversationId, flags);
  });
  return 0;
}

/** @throws {OperatorError} for one that nothing can happen in */
export function assertLoaded(conversation: Result<'getConversation'>): Result<'getConversation'> {
  if (conversation.loaded) return conversation;
  const { conversationId } = conversation;
  throw new OperatorError(
    `${conversationId} is not open. Go on with it with: codexd resume ${conversationId}`,
  );
}

async function follow(client: Client, id: string, { json }: ConversationFlags): Promise<void> {
  const screen = createScreen();
  const transcript = createTranscript(screen);
  let isFirst = true;
  for await (const update of client.conversation(id).follow({ snapshot: true })) {
    if (json) printJson(update);
    else if (update.kind === 'event') transcript.show(update.msg);
    else if (!isFirst) screen.talk('some events were missed here\n', 'dim');
    isFirst = false;
  }
}
