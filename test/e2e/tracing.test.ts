import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { callAnswer, functionCall, textAnswer } from '../../src/demo/responses.ts';
import { createPlace } from '../support/daemon-process.ts';
import { type CollectedSpan, startTraceCollector, type TraceCollector } from '../support/trace-collector.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = `00-${TRACE}-b7ad6b7169203331-01`;
const SECRET = 'nobody else is to read this';

const environment = ({ url }: TraceCollector, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '50',
  ...more,
});

/** A daemon whose model calls a command and then says something; one turn is run, for a caller that has a trace. */
async function tracedTurn(env: NodeJS.ProcessEnv) {
  const place = await createPlace(({ index }) =>
    index === 0
      ? callAnswer(functionCall('shell', { command: ['echo', SECRET] }, 'call-1'))
      : textAnswer(SECRET),
  );
  const daemon = await place.start([], env);
  const { conversationId } = await daemon.newConversation();
  const socket = await daemon.connect();
  await socket.call('getUserAgent', { _meta: { traceparent: CALLER } });
  await socket.listen(conversationId);
  const answer = await daemon.fetch(`/v1/conversations/${conversationId}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: CALLER, baggage: 'user=somebody' },
    body: JSON.stringify({ items: [{ type: 'text', data: { text: SECRET } }] }),
  });
  expect(answer.status).toBe(202);
  await socket.event('task_complete');
  return { place, daemon, conversationId };
}

const named = (spans: readonly CollectedSpan[], name: string): CollectedSpan[] =>
  spans.filter((span) => span.name === name);

describe('with a collector in the environment', () => {
  test('a turn is one trace: request, turn, model requests and tools, and nothing that was said', async () => {
    const collector = await startTraceCollector();
    const { daemon, conversationId, place } = await tracedTurn(environment(collector));
    expect(await daemon.kill('SIGTERM')).toBe(0);
    const { spans } = collector;
    const [request] = named(spans, 'POST /v1/conversations/:conversationId/messages');
    const [turn] = named(spans, 'turn');
    const [tool] = named(spans, 'execute_tool shell');
    const models = named(spans, 'chat test-model');
    const [rpc] = named(spans, 'rpc getUserAgent');
    expect(request).toMatchObject({
      traceId: TRACE,
      parentSpanId: 'b7ad6b7169203331',
      attributes: { 'http.request.method': 'POST', 'http.response.status_code': 202 },
    });
    expect(turn).toMatchObject({ traceId: TRACE, parentSpanId: request?.spanId });
    expect(tool).toMatchObject({
      parentSpanId: turn?.spanId,
      attributes: { 'gen_ai.tool.name': 'shell', 'gen_ai.tool.call.id': 'call-1' },
    });
    expect(models).toHaveLength(2);
    for (const model of models) {
      expect(model).toMatchObject({
        parentSpanId: turn?.spanId,
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'test',
          'gen_ai.request.model': 'test-model',
          'gen_ai.conversation.id': conversationId,
          'gen_ai.usage.output_tokens': expect.any(Number),
        },
      });
    }
    expect(rpc).toMatchObject({ traceId: TRACE, attributes: { 'rpc.method': 'getUserAgent' } });
    expect([...collector.services]).toEqual(['codexd']);
    expect(JSON.stringify(spans)).not.toContain(SECRET);
    for (const { headers } of place.model.requests) {
      expect([headers.traceparent, headers.baggage]).toEqual([undefined, undefined]);
    }
  });

  test('the model provider is told of the trace when that is asked for, and of nothing else', async () => {
    const collector = await startTraceCollector();
    const { place } = await tracedTurn(environment(collector, { CODEXD_TRACEPARENT_TO_MODEL: '1' }));
    for (const { headers } of place.model.requests) {
      expect(headers.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
      expect([headers.baggage, headers.tracestate]).toEqual([undefined, undefined]);
    }
  });

  test('whoever is not let in leaves no trace', async () => {
    const collector = await startTraceCollector();
    const place = await createPlace(() => textAnswer('ok'));
    const daemon = await place.start([], environment(collector));
    expect((await fetch(`${daemon.url}/v1/user-agent`)).status).toBe(401);
    await daemon.get('/v1/user-agent');
    await daemon.kill('SIGTERM');
    expect(collector.spans.map(({ name }) => name)).toEqual(['GET /v1/user-agent']);
  });

  test('a collector that does not answer keeps nobody waiting', async () => {
    const place = await createPlace(() => textAnswer('ok'));
    const daemon = await place.start([], { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
    await daemon.get('/v1/user-agent');
    const since = performance.now();
    expect(await daemon.kill('SIGTERM')).toBe(0);
    expect(performance.now() - since).toBeLessThan(4_000);
  });
});

describe('without it', () => {
  test('nothing of OpenTelemetry is loaded', () => {
    const files = globSync('src/**/*.ts', { cwd: ROOT });
    const loading = files.filter((file) =>
      /^import (?!type).*'@opentelemetry/m.test(readFileSync(path.join(ROOT, file), 'utf8')),
    );
    expect(loading).toEqual([]);
  });

  test('the SDK may be missing, and the log says so when it is asked for', async () => {
    const installed = installWithoutSdk();
    const child = spawn(
      process.execPath,
      [path.join(installed, 'dist/cli.js'), 'serve', '--port', '0', '--demo'],
      {
        env: { ...process.env, CODEX_HOME: path.join(installed, 'home'), OTEL_TRACES_EXPORTER: 'otlp' },
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    expect([child.exitCode, log]).toEqual([
      null,
      expect.stringContaining('@opentelemetry/sdk-node is not installed'),
    ]);
  });
});

/** The built program beside everything that it depends on, and nothing more of OpenTelemetry than its interface. */
function installWithoutSdk(): string {
  const root = mkdtempSync(path.join(os.tmpdir(), 'codexd-without-sdk-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  cpSync(path.join(ROOT, 'dist'), path.join(root, 'dist'), { recursive: true });
  cpSync(path.join(ROOT, 'package.json'), path.join(root, 'package.json'));
  const modules = path.join(ROOT, 'node_modules');
  for (const folder of ['node_modules/@opentelemetry', 'home'])
    mkdirSync(path.join(root, folder), { recursive: true });
  for (const name of readdirSync(modules).filter((name) => name !== '@opentelemetry')) {
    symlinkSync(path.join(modules, name), path.join(root, 'node_modules', name));
  }
  symlinkSync(path.join(modules, '@opentelemetry/api'), path.join(root, 'node_modules/@opentelemetry/api'));
  return root;
}
