import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textAnswer } from '../../src/demo/responses.ts';
import { registry } from '../../src/protocol/registry.ts';
import { openRpcDocument } from '../../src/server/documents/openrpc.ts';
import { createPlace, type DaemonProcess } from '../support/daemon-process.ts';
import { byPost, byRest, type Call, openFuzzedSocket, postText } from '../support/fuzz/doors.ts';
import { fromSchema, type Schema, type Vocabulary } from '../support/fuzz/from-schema.ts';
import { brokenText, mutated } from '../support/fuzz/mutate.ts';

/** Cases per method and door; 200 and more for a long run. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 40);
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Hostile input must not get through it (REL-LK-5). */
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=256' };

const { methods, components } = openRpcDocument('0');

function vocabulary(conversationId: string, rolloutPath: string): Vocabulary {
  const path = fc.oneof(fc.constant(rolloutPath), fc.string(), fc.constant(`${rolloutPath}/..`));
  return {
    schemas: components.schemas as Record<string, Schema>,
    known: {
      ConversationId: fc.constant(conversationId),
      rolloutPath: path,
      path,
      // Nothing is to be run that a random text happens to name.
      command: fc.constantFrom(['true'], ['/no/such/program'], ['echo', 'x'], []),
      cwd: fc.constantFrom('.', '/', '/no/such/folder', ''),
    },
  };
}

function paramsOf(method: string, words: Vocabulary): fc.Arbitrary<unknown> {
  const { params = [] } = methods.find(({ name }) => name === method) ?? {};
  const properties = Object.fromEntries(params.map(({ name, schema }) => [name, schema as Schema]));
  const required = params.filter((param) => param.required).map(({ name }) => name);
  const valid = fromSchema({ type: 'object', properties, required }, words);
  return fc.oneof(valid, mutated(valid));
}

async function fuzz(
  daemon: DaemonProcess,
  call: Call,
  conversation: { conversationId: string; rolloutPath: string },
) {
  const words = vocabulary(conversation.conversationId, conversation.rolloutPath);
  for (const def of registry.values()) {
    const property = fc.asyncProperty(paramsOf(def.name, words), async (params) => {
      expect(await call(def, params), `${def.name} ${JSON.stringify(params)?.slice(0, 500)}`).toBeUndefined();
    });
    await fc.assert(property, { numRuns: RUNS, seed, interruptAfterTimeLimit: 120_000 });
  }
  expect(daemon.child.exitCode).toBeNull();
}

/** Nothing unforeseen is in the log, and the event loop has not stood still for long. */
async function requireHealth(daemon: DaemonProcess): Promise<void> {
  expect(daemon.stderr()).not.toMatch(/TypeError|RangeError|ReferenceError|unhandled/i);
  const metrics = await (await daemon.fetch('/metrics')).text();
  const [, stalls] = /^codexd_event_loop_stalls_total (\d+)/m.exec(metrics) ?? [];
  console.log(`stalls of more than 200 ms: ${stalls}`);
}

describe(`SEC-FUZZ-1, REL-LK-5: ${RUNS} cases per method, valid and mutated (FUZZ_SEED=${seed})`, () => {
  test.each(['REST', 'POST /rpc', 'WebSocket'])(
    'over %s',
    { timeout: 60_000 + RUNS * 3_000 },
    async (door) => {
      console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${RUNS}`);
      const place = await createPlace(() => textAnswer('ok'));
      const daemon = await place.start(['--log-level', 'error'], SMALL_HEAP);
      const conversation = await daemon.newConversation();
      if (door === 'WebSocket') {
        const socket = await openFuzzedSocket(daemon);
        await fuzz(daemon, socket.call, conversation);
        socket.close();
      } else {
        await fuzz(daemon, (door === 'REST' ? byRest : byPost)(daemon), conversation);
      }
      await requireHealth(daemon);
    },
  );

  test('texts that are nearly JSON-RPC', { timeout: 60_000 + RUNS * 100 }, async () => {
    const place = await createPlace(() => textAnswer('ok'));
    const daemon = await place.start(['--log-level', 'error'], SMALL_HEAP);
    const property = fc.asyncProperty(brokenText, async (text) => {
      const { status, text: answer } = await postText(daemon, text.toWellFormed());
      expect([200, 202, 400]).toContain(status);
      if (status !== 202)
        for (const each of [JSON.parse(answer)].flat()) expect(each).toMatchObject({ jsonrpc: '2.0' });
      const socket = await openFuzzedSocket(daemon);
      expect(await socket.survives(text.toWellFormed()), text.slice(0, 200)).toBeUndefined();
      socket.close();
    });
    await fc.assert(property, { numRuns: RUNS * 5, seed });
    await requireHealth(daemon);
  });
});
