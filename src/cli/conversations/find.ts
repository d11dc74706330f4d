import type { Client } from '../../client/client.ts';
import { OperatorError } from '../../daemon/operator-error.ts';
import type { Result } from '../../protocol/registry.ts';

const WHOLE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PAGE = 200;

/**
 * The conversation with that id, or the only one whose id begins so.
 *
 * @throws {OperatorError} when there is none, or more than one
 */
export async function findConversation(client: Client, id: string): Promise<Result<'getConversation'>> {
  return client.call('getConversation', { conversationId: WHOLE.test(id) ? id : await complete(client, id) });
}

async function complete(client: Client, prefix: string): Promise<string> {
  const found = [...(await matches(client, prefix, false)), ...(await matches(client, prefix, true))];
  const [only, second] = found;
  if (only === undefined) {
    throw new OperatorError(`There is no conversation ${prefix}. Look for it with: codexd list`);
  }
  if (second === undefined) return only;
  throw new OperatorError(
    `${found.length} conversations begin with ${prefix}: ${found.slice(0, 3).join(', ')}`,
  );
}

async function matches(client: Client, prefix: string, archived: boolean): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call('listConversations', { pageSize: PAGE, archived, cursor: cursor ?? null });
    const ids = page.items.map(({ conversationId }) => conversationId);
    found.push(...ids.filter((id) => id.startsWith(prefix.toLowerCase())));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found;
}
