import { locateHome } from '../../daemon/home.ts';
import type { Result } from '../../protocol/registry.ts';
import { resolveAddress, resolveCredential } from '../connection.ts';
import { visibleLine } from '../terminal/visible.ts';

/** A shell waits for this at every press of the key. */
const PATIENCE_MS = 1_000;
const PAGE_SIZE = 50;
const PREVIEW_LENGTH = 60;

/**
 * `codexd __conversations`: for completions, the newest conversations, each on a line with a tab between its id and what
 * was said first. Whatever goes wrong, there is nothing to complete, and nobody to tell.
 */
export async function printConversations(kind: string): Promise<number> {
  const page = await askDaemon(kind === 'archived').catch(() => undefined);
  for (const { conversationId, preview } of page?.items ?? []) {
    process.stdout.write(`${conversationId}\t${visibleLine(preview).slice(0, PREVIEW_LENGTH)}\n`);
  }
  return 0;
}

async function askDaemon(archived: boolean): Promise<Result<'listConversations'>> {
  const { folder } = await locateHome(process.env);
  const { url } = await resolveAddress(folder, process.env);
  const { token } = await resolveCredential(folder, process.env);
  const answer = await fetch(`${url}/v1/conversations?pageSize=${PAGE_SIZE}&archived=${archived}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!answer.ok) throw new Error(`the daemon answered with ${answer.status}`);
  return (await answer.json()) as Result<'listConversations'>;
}
