import { createExecSessions } from '../exec-session/exec-sessions.ts';
import { withOwnProcesses } from '../host.ts';
import { startMcpServers } from '../mcp/connections.ts';
import { Conversation } from './conversation.ts';
import type { ConversationParts } from './conversation-parts.ts';

/** What all conversations of a daemon share, and how one of them tells what happens in it. */
export type Wiring = Pick<
  ConversationParts,
  | 'userAgent'
  | 'model'
  | 'sandbox'
  | 'approvals'
  | 'openTurns'
  | 'stalledTurns'
  | 'host'
  | 'log'
  | 'publish'
  | 'publishDeltas'
>;

/** What is the conversation's own. */
export type Contents = Pick<
  ConversationParts,
  'id' | 'config' | 'opening' | 'readHistory' | 'messages' | 'rollout' | 'loadedFrom' | 'progress'
>;

/** Who the daemon says that it is, and where it keeps its files. */
export interface Origin {
  readonly codexHome: string;
  readonly originator: string;
  readonly version: string;
}

/** Starts what a conversation needs around it: its processes and its MCP servers. */
export async function assemble(contents: Contents, wiring: Wiring, origin: Origin): Promise<Conversation> {
  const host = withOwnProcesses(wiring.host);
  const commands = host.processes.within();
  const { config } = contents;
  const mcp = await startMcpServers(config.mcpServers, {
    host,
    version: origin.version,
    log: wiring.log,
    cwd: config.cwd,
  });
  return new Conversation({
    ...wiring,
    ...contents,
    host,
    commands,
    mcp,
    sessions: createExecSessions(commands),
  });
}
