import type { Config } from '../core/config/types.ts';
import type { ConversationManager } from '../core/conversations/manager.ts';
import type { Host } from '../core/host.ts';
import type { Log } from '../core/log.ts';
import type { Sandbox } from '../core/sandbox/types.ts';
import type { NewConversationParams } from '../protocol/v1/conversation.ts';
import type { Client } from '../rpc/client.ts';
import type { Hub } from '../rpc/hub.ts';
import type { PendingApprovals } from '../rpc/pending-approvals.ts';

/** What the handlers work with; built once by the daemon. */
export interface Services {
  readonly conversations: ConversationManager;
  readonly hub: Hub;
  readonly approvals: PendingApprovals;
  readonly sandbox: Promise<Sandbox>;
  /** What model providers are told of a client. */
  userAgent(client: Pick<Client, 'info'>): string;
  readonly log: Pick<Log, 'info'>;
  readonly startedAt: Date;
  /** codexd's own version. */
  readonly version: string;
  readonly host: Host;
  readonly codexHome: string;
  /** Settings of a new conversation. Reads `config.toml` anew; throws `ConfigError`. */
  resolveConfig(params: NewConversationParams): Promise<Config>;
  /** Aborted when the daemon closes; ends what runs outside of conversations. */
  readonly closing: AbortSignal;
  /** Settings of the daemon itself, as they were at its start. */
  readonly daemonConfig: Config;
}
