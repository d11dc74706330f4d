import type { Result } from '../../protocol/registry.ts';
import { note, type OutputFlags, print } from '../output.ts';
import { withClient } from '../session.ts';
import type { StartFlags } from '../start-daemon.ts';
import { visibleLine } from '../terminal/visible.ts';

export interface ListFlags extends OutputFlags, StartFlags {
  readonly archived?: boolean;
  readonly limit?: number;
  readonly cursor?: string;
}

/** The daemon's own, when none is asked for. */
const PAGE_SIZE = 25;

type Page = Result<'listConversations'>;

/** `codexd list`: a line per stored conversation, the newest first. */
export async function list(flags: ListFlags): Promise<number> {
  const page = await withClient(flags, (client) =>
    client.call('listConversations', {
      archived: flags.archived ?? false,
      pageSize: flags.limit ?? null,
      cursor: flags.cursor ?? null,
    }),
  );
  print(flags, page, describe(page, process.stdout.columns));
  const isFull = page.items.length >= (flags.limit ?? PAGE_SIZE);
  if (!flags.json && isFull && page.nextCursor !== undefined)
    note(`more with: --cursor '${page.nextCursor}'`);
  return 0;
}

function describe({ items }: Page, width: number | undefined): string {
  const lines = items.map(({ conversationId, timestamp = '', preview }) => {
    const line = `${conversationId}  ${minuteOf(timestamp).padEnd(16)}  ${visibleLine(preview)}`;
    return width === undefined ? line : line.slice(0, width);
  });
  return lines.length === 0 ? 'no conversations' : lines.join('\n');
}

function minuteOf(timestamp: string): string {
  return timestamp.slice(0, 16).replace('T', ' ');
}
