import type { ModelProvider } from '../core/config/types.ts';
import { startModelServer } from '../demo/model-server.ts';
import { demoResponder } from '../demo/script.ts';

export interface DemoModel {
  readonly provider: ModelProvider;
  close(): Promise<void>;
}

/** The stand-in model of `--demo`: real HTTP and Server-Sent Events on a loopback port, no key, no network. */
export async function startDemoModel(): Promise<DemoModel> {
  const server = await startModelServer({ respond: demoResponder, keepsRequests: false });
  return {
    provider: {
      id: 'demo',
      name: 'Demo model of codexd',
      baseUrl: server.url,
      envKey: undefined,
      envKeyInstructions: undefined,
      wireApi: 'responses',
      queryParams: {},
      httpHeaders: {},
      envHttpHeaders: {},
      requestMaxRetries: 0,
      streamMaxRetries: 0,
      streamIdleTimeoutMs: 60_000,
      requiresOpenaiAuth: false,
    },
    close: () => server.close(),
  };
}
