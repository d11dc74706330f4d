import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { callAnswer, functionCall, textAnswer } from '../../src/demo/responses.ts';
import { createPlace, type DaemonProcess } from '../support/daemon-process.ts';

const MEBIBYTE = 1024 * 1024;
/** Seconds of output; ten are required. */
const SECONDS = Number(process.env.HEAVY_SECONDS ?? 3);
/** What a command may cost that never pauses (SEC-SLOW-4). */
const MOST_MEBIBYTES = 64;
const CALLS = 10_000;

/** The most memory that it has had since `forgetPeak`, or ever, in bytes. */
function peakBytes({ child }: DaemonProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** The peak is what it has now, from now on (proc_pid_clear_refs(5)). */
function forgetPeak({ child }: DaemonProcess): void {
  writeFileSync(`/proc/${child.pid}/clear_refs`, '5');
}

/** Upper bound, in seconds, of what 99 in a hundred looks at the event loop came late by. */
async function loopDelay(daemon: DaemonProcess): Promise<number> {
  const metrics = await (await daemon.fetch('/metrics')).text();
  const buckets = [...metrics.matchAll(/^codexd_event_loop_delay_seconds_bucket\{le="([^"]+)"\} (\d+)/gm)];
  const total = Number(buckets.at(-1)?.[2]);
  const bucket = buckets.find(([, , count]) => Number(count) >= 0.99 * total);
  return Number(bucket?.[1]);
}

describe.runIf(process.platform === 'linux')('output without end', () => {
  test.each([
    ['bytes that take six each to be told', ['cat', '/dev/zero']],
    ['lines', ['yes']],
  ])(
    'REL-CH-3, SEC-SLOW-4: of a command is cut, and the daemon stays within bounds: %s',
    {
      timeout: 30_000 + SECONDS * 2_000,
    },
    async (_, command) => {
      const place = await createPlace(({ index }) => {
        if (index === 0) return callAnswer(functionCall('shell', { command: ['true'] }));
        const heavy = functionCall('shell', { command, timeout_ms: SECONDS * 1_000 });
        return index === 2 ? callAnswer(heavy) : textAnswer('done');
      });
      const daemon = await place.start();
      const { conversationId } = await daemon.newConversation();
      const socket = await daemon.connect();
      await socket.listen(conversationId);
      // What a turn needs in any case is there then.
      await daemon.say(conversationId, 'go');
      await socket.event('task_complete');
      const heard = socket.notifications.length;
      forgetPeak(daemon);
      const before = peakBytes(daemon);
      await daemon.say(conversationId, 'go on');
      await place.model.waitForRequests(4);
      const grown = (peakBytes(daemon) - before) / MEBIBYTE;
      const delay = await loopDelay(daemon);
      console.log(`${SECONDS} s of ${command[0]}: RSS +${grown.toFixed(0)} MiB, loop p99 ${delay} s`);
      const told = JSON.stringify(place.model.requests[3]?.body.input.at(-1));
      expect(told.length).toBeLessThan(100_000);
      expect(told).toMatch(/omitted/);
      expect(told).toMatch(/timed out/);
      const { msg } = (await socket.event('exec_command_end', heard)).params;
      expect(msg.stdout).toMatch(/\[\.\.\. \d+ of \d+ bytes were not kept \.\.\.\]/);
      expect(msg.aggregated_output).toBe(msg.stdout);
      expect(grown).toBeLessThan(MOST_MEBIBYTES);
      expect(await daemon.get('/healthz')).toEqual({ status: 'ok' });
    },
  );

  test('REL-MS-6: ten thousand calls in one answer are all made, in order', { timeout: 60_000 }, async () => {
    const plan = (index: number) =>
      functionCall('update_plan', { plan: [{ step: `step ${index}`, status: 'pending' }] }, `call_${index}`);
    const place = await createPlace(({ index }) =>
      index === 0
        ? callAnswer(...Array.from({ length: CALLS }, (_, call) => plan(call)))
        : textAnswer('done'),
    );
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    const before = peakBytes(daemon);
    const start = performance.now();
    await daemon.say(conversationId, 'go');
    await socket.event('task_complete');
    const seconds = (performance.now() - start) / 1_000;
    const grown = (peakBytes(daemon) - before) / MEBIBYTE;
    const delay = await loopDelay(daemon);
    console.log(`${CALLS} calls: ${seconds.toFixed(1)} s, RSS +${grown.toFixed(0)} MiB, loop p99 ${delay} s`);
    const plans = socket.notifications.filter(({ method }) => method === 'codex/event/plan_update');
    expect(plans).toHaveLength(CALLS);
    const outputs = readFileSync(rolloutPath, 'utf8').match(/"type":"function_call_output"/g);
    expect(outputs).toHaveLength(CALLS);
    expect(
      place.model.requests[1]?.body.input.filter(({ type }) => type === 'function_call_output'),
    ).toHaveLength(CALLS);
    expect(grown).toBeLessThan(200);
  });
});
