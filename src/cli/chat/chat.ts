import { text } from 'node:stream/consumers';
import type { Client, OpenedConversation } from '../../client/client.ts';
import { findConversation } from '../conversations/find.ts';
import type { ConversationFlags } from '../conversations/flags.ts';
import { assertLoaded, tail } from '../conversations/tail.ts';
import { note, printJson } from '../output.ts';
import { withClient } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { type ChatFlags, settingsOf } from './flags.ts';
import { runInteractive } from './interactive.ts';
import { runOneShot } from './one-shot.ts';

/** `codexd chat [PROMPT]`: a new conversation, for one message or for as many as are typed. */
export async function chat(given: string | undefined, flags: ChatFlags): Promise<number> {
  const prompt = await readPrompt(given, flags);
  return withClient(flags, async (client) =>
    converse(client, await client.newConversation(settingsOf(flags, process.cwd())), prompt, flags),
  );
}

/** `codexd resume ID [PROMPT]`: the same with a stored conversation. */
export async function resume(id: string, given: string | undefined, flags: ChatFlags): Promise<number> {
  const prompt = given === '-' || flags.json ? await readPrompt(given, flags) : given;
  return withClient(flags, async (client) => {
    const { path, cwd } = await findConversation(client, id);
    const overrides = settingsOf(flags, cwd ?? process.cwd());
    return converse(client, await client.resumeConversation({ path, overrides }), prompt, flags);
  });
}

/** `codexd attach ID`: one more terminal on a conversation that is open; for programs the same as `tail`. */
export async function attach(id: string, flags: ConversationFlags): Promise<number> {
  if (flags.json) return tail(id, flags);
  return withClient(flags, async (client) => {
    const { conversationId } = assertLoaded(await findConversation(client, id));
    return runInteractive(client, client.conversation(conversationId));
  });
}

/**
 * What is to be said, from stdin for `-` and where nobody sits at the terminal.
 *
 * @returns `undefined` where somebody is to type it
 */
async function readPrompt(given: string | undefined, { json }: ChatFlags): Promise<string | undefined> {
  if (given !== undefined && given !== '-') return given;
  if (given === undefined && process.stdin.isTTY) {
    if (json) throw new UsageError('--json needs a prompt');
    return undefined;
  }
  const prompt = (await text(process.stdin)).trim();
  if (prompt === '') throw new UsageError('there is no prompt on stdin');
  return prompt;
}

async function converse(
  client: Client,
  conversation: OpenedConversation,
  prompt: string | undefined,
  flags: ChatFlags,
): Promise<number> {
  const { id, model, rolloutPath } = conversation;
  if (flags.json) printJson({ kind: 'conversation', conversationId: id, model, rolloutPath });
  else note(`conversation ${id} with ${model}`);
  return prompt === undefined
    ? runInteractive(client, conversation)
    : runOneShot(conversation, prompt, { json: flags.json ?? false });
}
