import { onTestFinished } from 'vitest';
import type { ModelProvider } from '../../../src/core/config/types.ts';
import { createModelClient, type ModelClientOptions } from '../../../src/core/model/client.ts';
import type { CredentialSource } from '../../../src/core/model/credential.ts';
import type { Credential, ModelEvent, ModelSettings, Prompt } from '../../../src/core/model/types.ts';
import type { Answer } from '../../../src/demo/answers.ts';
import { type ModelServer, type Responder, startModelServer } from '../../../src/demo/model-server.ts';

export const CONVERSATION = '0199a213-81c0-7800-8aa1-bbab2a035a53';

export function provider(baseUrl: string | undefined, changes: Partial<ModelProvider> = {}): ModelProvider {
  return {
    id: 'test',
    name: 'test',
    baseUrl,
    envKey: undefined,
    envKeyInstructions: undefined,
    wireApi: 'responses',
    queryParams: {},
    httpHeaders: {},
    envHttpHeaders: {},
    requestMaxRetries: 0,
    streamMaxRetries: 0,
    streamIdleTimeoutMs: 5_000,
    requiresOpenaiAuth: false,
    ...changes,
  };
}

export function settings(of: ModelProvider, changes: Partial<ModelSettings> = {}): ModelSettings {
  return {
    provider: of,
    model: 'gpt-5',
    effort: undefined,
    summary: 'auto',
    verbosity: undefined,
    supportsReasoningSummaries: true,
    userAgent: 'codexd-test/1',
    conversationId: CONVERSATION,
    ...changes,
  };
}

export const PROMPT: Prompt = {
  instructions: 'Be brief.',
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }],
  tools: [{ type: 'function', name: 'shell', strict: false, parameters: { type: 'object', properties: {} } }],
};

/** Always the same credential. */
export function signedWith(credential: Credential | undefined): CredentialSource {
  return { current: async () => credential, renew: async () => undefined };
}

/** A model server for the running test. */
export async function serve(answer: Answer | Responder): Promise<ModelServer> {
  const server = await startModelServer({ respond: typeof answer === 'function' ? answer : () => answer });
  onTestFinished(() => server.close());
  return server;
}

export interface StepOptions extends Partial<ModelClientOptions> {
  readonly provider?: Partial<ModelProvider>;
  readonly settings?: Partial<ModelSettings>;
  readonly prompt?: Prompt;
  readonly signal?: AbortSignal;
}

/** One step against a base URL, with a client of its own. */
export function step(baseUrl: string | undefined, options: StepOptions = {}): AsyncIterable<ModelEvent> {
  const client = createModelClient({
    env: {},
    originator: 'codexd_test',
    credential: signedWith(undefined),
    ...options,
  });
  onTestFinished(() => client.close());
  const of = settings(provider(baseUrl, options.provider), options.settings);
  return flat(client.stream(options.prompt ?? PROMPT, of, options.signal ?? new AbortController().signal));
}

export async function* flat<T>(batches: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const batch of batches) yield* batch;
}

export async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const seen: ModelEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

/** The error that ends a step, and the events before it. */
export async function failing(
  events: AsyncIterable<ModelEvent>,
): Promise<{ error: unknown; seen: ModelEvent[] }> {
  const seen: ModelEvent[] = [];
  try {
    for await (const event of events) seen.push(event);
  } catch (error) {
    return { error, seen };
  }
  throw new Error('the step did not fail');
}
