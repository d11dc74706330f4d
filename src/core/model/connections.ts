import type { Agent, Dispatcher } from 'undici';

/**
 * Idle connections are given up before the usual limits of servers and middle boxes, because a POST on a connection
 * that died while idle fails.
 */
const OPTIONS = {
  connectTimeout: 15_000,
  keepAliveTimeout: 10_000,
  keepAliveMaxTimeout: 15_000,
  /** One connection per stream: closing a step's connection must not touch another step. */
  allowH2: false,
} satisfies Agent.Options;

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

export interface Connections {
  /** Rejects once they are closed. */
  dispatcher(): Promise<Dispatcher>;
  /** Does now what the first request would have to wait for. */
  prepare(): void;
  /** Breaks off what is in progress. */
  destroy(): Promise<void>;
}

/**
 * Connections to model providers, through the proxy that the environment names, if any, but never to this machine. The
 * HTTP client is large, and is loaded for the first request.
 */
export function createConnections(env: NodeJS.ProcessEnv): Connections {
  let opened: Promise<Dispatcher> | undefined;
  let isDestroyed = false;
  const open = async (): Promise<Dispatcher> => {
    if (isDestroyed) throw new Error('the connections are closed');
    opened ??= openDispatcher(env);
    return opened;
  };
  return {
    dispatcher: open,
    prepare() {
      // Whoever sends a request is told what is wrong.
      open().catch(() => undefined);
    },
    async destroy() {
      isDestroyed = true;
      await (await opened)?.destroy();
    },
  };
}

async function openDispatcher(env: NodeJS.ProcessEnv): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const httpProxy = env.http_proxy || env.HTTP_PROXY;
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY;
  if (!httpProxy && !httpsProxy) return new Agent(OPTIONS);
  return new EnvHttpProxyAgent({
    ...OPTIONS,
    ...(httpProxy && { httpProxy }),
    ...(httpsProxy && { httpsProxy }),
    noProxy: [env.no_proxy || env.NO_PROXY, ...LOOPBACK].filter(Boolean).join(','),
  });
}
