import { randomUUID } from 'node:crypto';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { RolloutItem } from '../../protocol/vocabulary/rollout.ts';
import type { Config } from '../config/types.ts';
import { collectGitInfo } from '../context/git-info.ts';
import { environmentContextMessage, userInstructionsMessage } from '../context/messages.ts';
import { userInstructions } from '../context/project-doc.ts';
import { createExecSessions } from '../exec-session/exec-sessions.ts';
import { withOwnProcesses } from '../host.ts';
import { startMcpServers } from '../mcp/connections.ts';
import { rolloutPath } from '../rollout/path.ts';
import { createRollout } from '../rollout/writer.ts';
import { Conversation, type ConversationParts } from './conversation.ts';

export interface Origin {
  readonly codexHome: string;
  readonly originator: string;
  readonly version: string;
}

/** Opens the rollout file of a new conversation, with what the model is told first, and puts it on disk. */
export async function createConversation(
  config: Config,
  origin: Origin,
  parts: (
    id: string,
  ) => Pick<ConversationParts, 'userAgent' | 'model' | 'sandbox' | 'approvals' | 'host' | 'log' | 'publish'>,
): Promise<Conversation> {
  const id = randomUUID();
  const now = new Date();
  const [instructions, git] = await Promise.all([
    userInstructions(origin.codexHome, config.cwd, config.projectDocMaxBytes),
    collectGitInfo(config.cwd),
  ]);
  const shared = parts(id);
  const wiring = { ...shared, host: withOwnProcesses(shared.host) };
  const history = openingItems(config, instructions, wiring.host.env.SHELL);
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
  const rollout = await createRollout(rolloutPath(origin.codexHome, now, id));
  const opening = history.map((payload): RolloutItem => ({ type: 'response_item', payload }));
  await rollout.append([meta, ...opening], { sync: true });
  const mcp = await startMcpServers(config.mcpServers, {
    host: wiring.host,
    version: origin.version,
    log: wiring.log,
    cwd: config.cwd,
  });
  return new Conversation({
    ...wiring,
    id,
    config,
    opening: history,
    history,
    rollout,
    mcp,
    sessions: createExecSessions(wiring.host.processes),
  });
}

function openingItems(
  config: Config,
  instructions: string | undefined,
  shell: string | undefined,
): ResponseItem[] {
  const { cwd, approvalPolicy, sandboxPolicy } = config;
  const environment = environmentContextMessage({ cwd, approvalPolicy, sandboxPolicy, shell });
  return instructions === undefined ? [environment] : [userInstructionsMessage(instructions), environment];
}
