import type { AuthManager } from '../core/auth/auth-manager.ts';
import type { Config } from '../core/config/types.ts';
import type { ConversationManager } from '../core/conversations/manager.ts';
import type { FileSystem } from '../core/files/file-system.ts';
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
  readonly auth: AuthManager;
  readonly hub: Hub;
  readonly approvals: PendingApprovals;
  sandbox(): Promise<Sandbox>;
  /** What model providers are told of a client. */
  userAgent(client: Pick<Client, 'info'>): string;
  readonly log: Pick<Log, 'info'>;
  readonly startedAt: Date;
  /** codexd's own version. */
  readonly version: string;
  /** Without MCP servers, because the daemon crashed again and again. */
  readonly safeMode: boolean;
  readonly host: Host;
  readonly codexHome: string;
  /** What is to last is written with. */
  readonly files: FileSystem;
  /** Settings of a new conversation. Reads `config.toml` anew; throws `ConfigError`. */
  resolveConfig(params: NewConversationParams): Promise<Config>;
  /** Settings that a conversation without wishes would get now; the provider need not be usable. Throws `ConfigError`. */
  currentConfig(): Promise<Config>;
  /** Aborted when the daemon closes; ends what runs outside of conversations. */
  readonly closing: AbortSignal;
  /** Settings of the daemon itself, as they were at its start. */
  readonly daemonConfig: Config;
}
