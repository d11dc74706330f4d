import { type Client, createClient } from './client.ts';
import type { ConnectionOptions } from './connection.ts';

/** The client library for browsers: what bundlers and import maps take for `codexd/client`. */

export interface ConnectOptions {
  /** Of the daemon; that of the page when left out. */
  readonly url?: string;
  /** Left out where the page has the cookie of `POST /v1/session`. */
  readonly token?: string;
  readonly clientInfo?: ConnectionOptions['clientInfo'];
}

/** @throws {ConnectionError} when nothing answers, or it refuses */
export function connect({ url, token, clientInfo }: ConnectOptions = {}): Promise<Client> {
  const { location } = globalThis as { location?: { origin: string } };
  const endpoint = { url: (url ?? location?.origin ?? '').replace(/\/+$/, ''), token };
  return createClient({ locate: async () => endpoint, clientInfo });
}

export type * from '../protocol/index.ts';
export { type Approval, type ApprovalHandler, ApprovalSettled } from './approvals.ts';
export type { Client, OpenedConversation } from './client.ts';
export type { ConnectionState } from './connection.ts';
export type { Conversation, FollowOptions, Input, RunOptions } from './conversation.ts';
export { ConnectionError, type ConnectionFault, RequestError } from './errors.ts';
export type { Turn, TurnResult } from './turn.ts';
export type { EventUpdate, SnapshotUpdate, Update } from './update.ts';
