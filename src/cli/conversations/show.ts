import { print } from '../output.ts';
import { withClient } from '../session.ts';
import { createScreen } from '../terminal/screen.ts';
import { createTranscript } from '../terminal/transcript.ts';
import { findConversation } from './find.ts';
import type { ConversationFlags } from './flags.ts';

/** `codexd show ID`: what was said so far. */
export async function show(id: string, flags: ConversationFlags): Promise<number> {
  const conversation = await withClient(flags, (client) => findConversation(client, id));
  if (flags.json) print(flags, conversation, '');
  else createTranscript(createScreen()).showAll(conversation.messages);
  return 0;
}
