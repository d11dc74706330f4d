import path from 'node:path';
import { approvalBridge } from '../api/approval-bridge.ts';
import { announceAuth } from '../api/auth-news.ts';
import { translating } from '../api/errors.ts';
import { fanOut } from '../api/fanout.ts';
import { createHandlers } from '../api/handlers.ts';
import type { Services } from '../api/services.ts';
import type { AuthManager } from '../core/auth/auth-manager.ts';
import { loadConfig } from '../core/config/load.ts';
import { type ResolveInput, resolveConfig, resolveProcessConfig } from '../core/config/resolve.ts';
import type { Config } from '../core/config/types.ts';
import { conversationFiles } from '../core/conversations/conversation-file.ts';
import { ConversationManager } from '../core/conversations/manager.ts';
import { openTurns } from '../core/conversations/open-turns.ts';
import { realFileSystem } from '../core/files/file-system.ts';
import { type ClosableModelClient, createModelClient } from '../core/model/client.ts';
import { credentialSource } from '../core/model/credential.ts';
import { COMPATIBLE_VERSION, originator, userAgent } from '../core/user-agent.ts';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import { Dispatcher } from '../rpc/dispatcher.ts';
import { Hub } from '../rpc/hub.ts';
import { KeyedCalls } from '../rpc/idempotency.ts';
import { PendingApprovals } from '../rpc/pending-approvals.ts';
import { NO_EXPOSURE } from '../server/access/exposure.ts';
import { createKeyring } from '../server/access/keyring.ts';
import { buildApp } from '../server/app.ts';
import { listen } from '../server/listen.ts';
import { loadWebPage } from '../server/web-page.ts';
import { openCallJournal } from './call-journal.ts';
import { type Children, openChildren } from './children/children.ts';
import type { DemoModel } from './demo-model.ts';
import { inspectDaemon } from './inspect.ts';
import { countModelRequests, measure } from './measure.ts';
import { openAuth } from './open-auth.ts';
import { sandboxOnDemand } from './open-sandbox.ts';
import { openHealth, restoreOrder } from './storage.ts';
import { openTracing, type Tracing } from './tracing/tracing.ts';
import { trackHandlers } from './track-operations.ts';
import type { DaemonOptions, RunningDaemon, StartDaemon } from './types.ts';

const WARM_UP_AFTER_MS = 1_000;

/**
 * Puts the daemon together: the one place that knows every part. Nothing is left running when it throws.
 */
export const startDaemon: StartDaemon = async (options) => {
  const children = await openChildren(path.join(options.codexHome, 'codexd'), options.log);
  const demo = options.demo ? await openDemoModel() : undefined;
  try {
    return await start(options, demo, children);
  } catch (error) {
    await children.close();
    await demo?.close();
    throw error;
  }
};

async function openDemoModel(): Promise<DemoModel> {
  const { startDemoModel } = await import('./demo-model.ts');
  return startDemoModel();
}

async function start(
  options: DaemonOptions,
  demo: DemoModel | undefined,
  children: Children,
): Promise<RunningDaemon> {
  const { codexHome, log, version, files = realFileSystem } = options;
  const host = { env: options.env, umask: options.userUmask, processes: children.scope };
  const settings = settingsReader(options, demo);
  const [daemonConfig, tracing, keyed] = await Promise.all([
    settings().then(resolveProcessConfig),
    openTracing(options.env, version, log),
    openCallJournal(path.join(codexHome, 'codexd', 'keyed-calls'), log),
  ]);
  const metrics = createMetrics();
  const auth = openAuth(options, daemonConfig, metrics);
  const model = openModel(options, demo, auth, metrics, tracing?.modelHeaders);
  const hub = new Hub((conversationId) => {
    conversations.touch(conversationId);
    approvals.unattended(conversationId);
  });
  const approvals: PendingApprovals = new PendingApprovals(hub, {
    onLateAnswer: (id) => conversations.loaded.get(id)?.countOperation(),
    unattendedMs: options.approvalTimeoutMs,
  });
  const sandbox = sandboxOnDemand(options, children.scope);
  const health = openHealth(options, files, metrics);
  const conversations: ConversationManager = new ConversationManager({
    codexHome,
    model: countModelRequests(tracing?.model(model) ?? model, metrics),
    sandbox,
    approvals: approvalBridge(approvals),
    storage: conversationFiles({
      codexHome,
      files,
      health,
      log,
      onAppended: (outcome, durationMs) => metrics.rolloutWrite.observe({ outcome }, durationMs / 1_000),
    }),
    openTurns: openTurns({ folder: path.join(codexHome, 'codexd', 'open-turns'), files, log }),
    files,
    host,
    log,
    ...(options.unloadAfterMs !== undefined && { unloadAfterMs: options.unloadAfterMs }),
    isAttended: (id) => (hub.log(id)?.listening ?? 0) > 0 || approvals.list(id).length > 0,
    originator: originator(options.env),
    version: COMPATIBLE_VERSION,
  });
  const stopFanOut = fanOut(conversations, hub);
  const stopPreparing = prepareTurns(conversations, model);
  const stopAuthNews = announceAuth(auth, hub);
  const stopMeasuring = measure({
    metrics,
    conversations,
    approvals,
    health,
    children,
    watchdog: options.watchdog,
    log,
  });
  const stopTracing = tracing?.turns(conversations);
  const closing = new AbortController();
  const allowed = (config: Config): Config => (options.safeMode ? { ...config, mcpServers: {} } : config);
  const services: Services = {
    conversations,
    auth,
    hub,
    approvals,
    sandbox,
    log,
    startedAt: new Date(),
    userAgent: ({ info }) => userAgent(host.env, info ?? { name: 'codexd', version }),
    version,
    safeMode: options.safeMode ?? false,
    host,
    codexHome,
    files,
    daemonConfig,
    closing: closing.signal,
    currentConfig: async () => allowed(await resolveProcessConfig(await settings())),
    resolveConfig: async (params) => allowed(await resolveConfig({ ...(await settings()), params })),
  };
  const handlers = createHandlers(services);
  const keyring = createKeyring(options.token);
  const dispatcher = new Dispatcher(trackHandlers(handlers, metrics.operations), new KeyedCalls(keyed));
  const app = await buildApp({
    dispatcher: tracing?.calls(dispatcher) ?? dispatcher,
    tracer: tracing?.requests,
    hub,
    log,
    keyring,
    exposure: options.exposure ?? NO_EXPOSURE,
    version,
    metrics,
    page: loadWebPage(path.join(import.meta.dirname, '..', 'page')),
    onResponse: (client, response) => approvals.respond(client, response),
    whileLoaded: (id, work) => translating(() => conversations.use(id, work)),
    readiness: () => {
      const reasons = [conversations.draining ? 'draining' : undefined, health.problem];
      const given = reasons.filter((reason) => reason !== undefined);
      return { ready: given.length === 0, reasons: given };
    },
  });
  await restoreOrder(options, files, conversations);
  await health.start();
  const listening = await listen(app, options);
  // The first clients are served before that, and the first command need not wait for it.
  const warmUp = setTimeout(sandbox, WARM_UP_AFTER_MS).unref();

  const close = async ({ deadlineMs }: { deadlineMs: number }): Promise<void> => {
    clearTimeout(warmUp);
    await conversations.close({ deadlineMs });
    await health.close();
    closing.abort();
    await listening.close();
    keyed.close();
    stopFanOut();
    stopPreparing();
    stopAuthNews();
    stopMeasuring();
    stopTracing?.();
    await tracing?.close();
    await model.close();
    await auth.close();
    await demo?.close();
    await children.close();
  };
  const abort = async (): Promise<void> => {
    await Promise.all([close({ deadlineMs: 0 }), children.scope.endAll()]);
  };
  const { url, socket } = listening;
  const { changeToken, codes } = keyring;
  const inspect = () => inspectDaemon(services, { health, children, metrics });
  return { url, socket, changeToken, signInUrl: () => `${url}/#code=${codes.mint()}`, inspect, close, abort };
}

/** Reads `config.toml` anew each time, so that changes reach the next conversation. */
function settingsReader(options: DaemonOptions, demo: DemoModel | undefined): () => Promise<ResolveInput> {
  const { codexHome, cliOverrides, profile, processCwd, env } = options;
  const forced = demo && {
    modelProvider: demo.provider.id,
    extraProviders: { [demo.provider.id]: demo.provider },
  };
  return async () => ({
    file: await loadConfig(codexHome),
    cliOverrides,
    profile,
    processCwd,
    env,
    ...forced,
  });
}

/** A turn is what comes after a conversation is loaded; the answer that it is goes first. */
function prepareTurns({ events }: ConversationManager, { prepare }: ClosableModelClient): () => void {
  return events.on(({ type }) => {
    if (type === 'loaded') setImmediate(prepare);
  });
}

function openModel(
  { env, log }: DaemonOptions,
  demo: DemoModel | undefined,
  auth: AuthManager,
  { modelRetries }: Metrics,
  moreHeaders: Tracing['modelHeaders'],
) {
  return createModelClient({
    env,
    originator: originator(env),
    // The demo model needs no login, so it is not shown one.
    credential: credentialSource({ env, login: demo ? NO_LOGIN : auth.credential }),
    onDate: demo ? () => undefined : auth.clock.observe,
    onRetry: (cause) => modelRetries.inc({ cause }),
    moreHeaders,
    log,
  });
}

const NO_LOGIN = { current: async () => undefined, renew: async () => undefined };
