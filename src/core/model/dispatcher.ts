import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';

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

/** Connections to model providers, through the proxy that the environment names, if any, but never to this machine. */
export function createDispatcher(env: NodeJS.ProcessEnv): Dispatcher {
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
