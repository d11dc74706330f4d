import path from 'node:path';
import { approvalBridge } from '../../../src/api/approval-bridge.ts';
import { fanOut } from '../../../src/api/fanout.ts';
import { createHandlers } from '../../../src/api/handlers.ts';
import { openAuthManager } from '../../../src/core/auth/auth-manager.ts';
import { loadConfig } from '../../../src/core/config/load.ts';
import { resolveConfig } from '../../../src/core/config/resolve.ts';
import { conversationFiles } from '../../../src/core/conversations/conversation-file.ts';
import { ConversationManager, type ManagerOptions } from '../../../src/core/conversations/manager.ts';
import { openTurns } from '../../../src/core/conversations/open-turns.ts';
import { realFileSystem } from '../../../src/core/files/file-system.ts';
import { type StorageHealth, storageHealth } from '../../../src/core/files/storage-health.ts';
import { createModelClient } from '../../../src/core/model/client.ts';
import { createSandbox } from '../../../src/core/sandbox/sandbox.ts';
import { openChildren } from '../../../src/daemon/children/children.ts';
import { Dispatcher } from '../../../src/rpc/dispatcher.ts';
import { Hub } from '../../../src/rpc/hub.ts';
import { PendingApprovals } from '../../../src/rpc/pending-approvals.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

const NO_LOGIN = { current: async () => undefined, renew: async () => undefined };

/** What a daemon is made of, without its doors. */
export interface Parts {
  readonly dispatcher: Dispatcher;
  readonly hub: Hub;
  readonly health: StorageHealth;
  close(): Promise<void>;
}

/**
 * @param patienceMs how long a turn waits for a disk in trouble
 * @param special what is to be otherwise for the conversations
 */
export async function startParts(
  home: string,
  cwd: string,
  patienceMs = 30_000,
  special: Partial<ManagerOptions> = {},
): Promise<Parts> {
  const { files = realFileSystem } = special;
  const folder = path.join(home, 'codexd');
  const children = await openChildren(folder, log);
  const host = { env: { PATH: process.env.PATH, HOME: home }, umask: 0o022, processes: children.scope };
  const origin = { codexHome: home, originator: 'lifecycle', version: '0.36.0' };
  const model = createModelClient({ ...origin, env: {}, credential: NO_LOGIN });
  const hub = new Hub();
  const approvals = new PendingApprovals(hub);
  const status = { kind: 'none', reason: 'None here.', remedy: 'Install one.' } as const;
  const sandbox = async () => createSandbox({ status, codexHome: home, hidden: [] });
  const health = storageHealth({ ballastPath: path.join(folder, 'ballast'), files });
  const conversations = new ConversationManager({
    ...origin,
    model,
    sandbox,
    approvals: approvalBridge(approvals),
    storage: conversationFiles({ codexHome: home, files, health, log, patienceMs }),
    openTurns: openTurns({ folder: path.join(folder, 'open-turns'), files, log }),
    files,
    host,
    log,
    ...special,
  });
  fanOut(conversations, hub);
  const auth = openAuthManager({
    codexHome: home,
    issuerAddress: 'http://127.0.0.1:1',
    originator: origin.originator,
    userAgent: 'lifecycle/1',
    env: {},
    log,
    onSecret: () => undefined,
  });
  const resolve = async (params = {}) =>
    resolveConfig({ file: await loadConfig(home), cliOverrides: [], processCwd: cwd, env: host.env, params });
  const handlers = createHandlers({
    conversations,
    auth,
    hub,
    approvals,
    sandbox,
    log,
    userAgent: () => 'lifecycle/1',
    startedAt: new Date(),
    version: '1.0.0',
    safeMode: false,
    host,
    codexHome: home,
    files,
    currentConfig: resolve,
    resolveConfig: resolve,
    closing: new AbortController().signal,
    daemonConfig: await resolve(),
  });
  return {
    dispatcher: new Dispatcher(handlers),
    hub,
    health,
    async close() {
      await conversations.close({ deadlineMs: 0 });
      await health.close();
      await model.close();
      await auth.close();
      await children.close();
    },
  };
}
