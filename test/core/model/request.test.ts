import { describe, expect, it } from 'vitest';
import { responsesUrl } from '../../../src/core/model/endpoint.ts';
import { requestBody } from '../../../src/core/model/request.ts';
import { textAnswer } from '../../../src/demo/responses.ts';
import { CONVERSATION, collect, PROMPT, provider, serve, settings, signedWith, step } from './model-step.ts';

const here = provider('http://127.0.0.1:1/v1');

describe('the request of a step', () => {
  it('has exactly the members of the protocol', async () => {
    const server = await serve(textAnswer('ok'));
    await collect(step(server.url, { settings: { effort: 'high', verbosity: 'low' } }));
    const { body, url } = await server.nextRequest();
    expect(url).toBe('/v1/responses');
    expect(body).toEqual({
      model: 'gpt-5',
      instructions: 'Be brief.',
      input: PROMPT.input,
      tools: PROMPT.tools,
      tool_choice: 'auto',
      parallel_tool_calls: false,
      reasoning: { effort: 'high', summary: 'auto' },
      store: false,
      stream: true,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: CONVERSATION,
      text: { verbosity: 'low' },
    });
  });

  it('has exactly the headers of the protocol when there is no credential', async () => {
    const server = await serve(textAnswer('ok'));
    await collect(step(server.url));
    const { host, connection, 'content-length': length, ...headers } = (await server.nextRequest()).headers;
    expect(headers).toEqual({
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'openai-beta': 'responses=experimental',
      conversation_id: CONVERSATION,
      session_id: CONVERSATION,
      originator: 'codexd_test',
      'user-agent': 'codexd-test/1',
    });
    expect([host, connection, length]).toEqual([
      `127.0.0.1:${server.port}`,
      'keep-alive',
      expect.any(String),
    ]);
  });

  it('carries the headers and query of the provider, and the token and account of the login', async () => {
    const server = await serve(textAnswer('ok'));
    await collect(
      step(server.url, {
        env: { SET: 'from env', BLANK: ' ' },
        credential: signedWith({ mode: 'chatgpt', token: 'tok', accountId: 'acc' }),
        provider: {
          queryParams: { 'api-version': '1', q: 'a b&c' },
          httpHeaders: { 'X-Own': 'own', 'User-Agent': 'mine', Accept: 'text/html' },
          envHttpHeaders: { 'x-env': 'SET', 'x-blank': 'BLANK', 'x-unset': 'UNSET' },
        },
      }),
    );
    const { url, headers } = await server.nextRequest();
    expect(url).toBe('/v1/responses?api-version=1&q=a%20b%26c');
    expect(headers).toMatchObject({
      authorization: 'Bearer tok',
      'chatgpt-account-id': 'acc',
      'x-own': 'own',
      'x-env': 'from env',
      'user-agent': 'mine',
      accept: 'text/event-stream',
    });
    expect(headers).not.toHaveProperty('x-blank');
    expect(headers).not.toHaveProperty('x-unset');
  });

  it('sends an API key without an account', async () => {
    const server = await serve(textAnswer('ok'));
    const credential = signedWith({ mode: 'apikey', token: 'key', accountId: 'acc' });
    await collect(step(`${server.url}/`, { credential }));
    const { url, headers } = await server.nextRequest();
    expect(url).toBe('/v1/responses');
    expect(headers.authorization).toBe('Bearer key');
    expect(headers).not.toHaveProperty('chatgpt-account-id');
  });

  it('goes to the address of the login when the provider has none', () => {
    const builtIn = provider(undefined);
    const to = (mode: 'apikey' | 'chatgpt') => responsesUrl(builtIn, { mode, token: 't' }).href;
    expect(to('chatgpt')).toBe('https://chatgpt.com/backend-api/codex/responses');
    expect(to('apikey')).toBe('https://api.openai.com/v1/responses');
    expect(responsesUrl(builtIn, undefined).href).toBe(to('apikey'));
  });

  it('asks for no reasoning when the model has none', () => {
    const body = requestBody(PROMPT, settings(here, { model: 'gpt-4.1', supportsReasoningSummaries: false }));
    expect([body.reasoning, body.include]).toEqual([null, []]);
  });

  it('leaves out an effort that is not set, but not the summary "none"', () => {
    expect(requestBody(PROMPT, settings(here, { summary: 'none' })).reasoning).toEqual({ summary: 'none' });
  });

  it('sends a verbosity to gpt-5 models only', () => {
    expect(requestBody(PROMPT, settings(here, { verbosity: 'high' })).text).toEqual({ verbosity: 'high' });
    expect(requestBody(PROMPT, settings(here))).not.toHaveProperty('text');
    const codex = settings(here, { model: 'gpt-5-codex', verbosity: 'high' });
    expect(requestBody(PROMPT, codex)).not.toHaveProperty('text');
  });

  it('asks Azure to store', () => {
    const azure = provider('https://x.openai.azure.com/openai');
    expect(requestBody(PROMPT, settings(azure)).store).toBe(true);
    expect(requestBody(PROMPT, settings(provider('https://x.test', { name: 'Azure' }))).store).toBe(true);
  });
});
