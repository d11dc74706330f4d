import type { Address } from './door.ts';
import type { Ledger } from './ledger.ts';
import { openRestDoor } from './rest-door.ts';
import { itemTexts } from './rollout-file.ts';

interface Listed {
  readonly conversationId: string;
  readonly path: string;
}

/** In words: both lists together have every conversation that somebody talked in once. */
export async function checkLists(address: Address, ledgers: readonly Ledger[]): Promise<string[]> {
  const lists = await Promise.all([list(address, false), list(address, true)]);
  const listed = Map.groupBy(lists.flat(), ({ conversationId }) => conversationId);
  const expected = ledgers.filter(({ baseline }) => itemTexts(baseline, 'assistant').length > 0);
  return expected.flatMap(({ id }) => {
    const files = (listed.get(id) ?? []).map(({ path }) => path);
    return files.length === 1 ? [] : [`${id} is listed ${files.length} times: ${files.join(', ')}`];
  });
}

async function list(address: Address, archived: boolean): Promise<readonly Listed[]> {
  const door = openRestDoor(address, 'conversation');
  const { result, error } = await door.call('listConversations', { pageSize: 10_000, archived });
  door.close();
  if (!result) throw new Error(`listConversations: ${error?.message}`);
  return result.items as Listed[];
}
