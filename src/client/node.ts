import { type Client, createClient } from './client.ts';
import type { ConnectionOptions } from './connection.ts';
import { findDaemon } from './find-daemon.ts';

/** The client library for Node: `import { connect } from 'codexd/client'`. */

export interface ConnectOptions {
  /** Of the daemon; `CODEXD_URL`, else what `$CODEX_HOME/codexd/daemon.json` says. */
  readonly url?: string;
  /** `CODEXD_TOKEN`, else what is in the file that `daemon.json` names. */
  readonly token?: string;
  readonly clientInfo?: ConnectionOptions['clientInfo'];
}

/**
 * Connects to the daemon of this machine, or to the one named.
 *
 * @throws {ConnectionError} when there is none, or it refuses
 */
export function connect({ url, token, clientInfo }: ConnectOptions = {}): Promise<Client> {
  const env = {
    ...process.env,
    ...(url !== undefined && { CODEXD_URL: url }),
    ...(token !== undefined && { CODEXD_TOKEN: token }),
  };
  return createClient({ locate: () => findDaemon(env), clientInfo });
}

export type * from '../protocol/index.ts';
export { type Approval, type ApprovalHandler, ApprovalSettled } from './approvals.ts';
export type { Client, OpenedConversation } from './client.ts';
export type { ConnectionState } from './connection.ts';
export type { Conversation, FollowOptions, Input, RunOptions } from './conversation.ts';
export { ConnectionError, type ConnectionFault, RequestError } from './errors.ts';
export type { Turn, TurnResult } from './turn.ts';
export type { EventUpdate, SnapshotUpdate, Update } from './update.ts';
