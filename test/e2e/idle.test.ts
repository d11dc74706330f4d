import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { textAnswer } from '../../src/demo/responses.ts';
import { createPlace } from '../support/daemon-process.ts';

const SECONDS = Number(process.env.IDLE_SECONDS ?? 10);
const TIDIED_UP_MS = 12_000;

/** Hundredths of a second of the processor, and how often the main thread was woken. */
function activity(pid: number): { ticks: number; wakes: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/task/${pid}/status`, 'utf8');
  const wakes = Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
  return { ticks: Number(fields[11]) + Number(fields[12]), wakes };
}

describe.runIf(process.platform === 'linux')('REL-LK-3: an idle daemon', () => {
  test('sleeps', { timeout: 45_000 + SECONDS * 1_000 }, async () => {
    const place = await createPlace(() => textAnswer('hello'));
    const daemon = await place.start();
    await daemon.get('/v1/conversations');
    // What the start has left over is not idling; V8 tidies up once more when nothing has happened for eight seconds.
    await pause(TIDIED_UP_MS);
    const pid = Number(daemon.child.pid);
    const before = activity(pid);
    await pause(SECONDS * 1_000);
    const after = activity(pid);
    const wakes = (after.wakes - before.wakes) / SECONDS;
    const percent = (after.ticks - before.ticks) / SECONDS;
    console.log(`idle: ${wakes.toFixed(1)} wake-ups a second, ${percent.toFixed(2)} % of a core`);
    expect(wakes).toBeLessThan(5);
    // The system counts in hundredths of a second, which are 0.1 % of ten seconds.
    expect(percent).toBeLessThan(SECONDS >= 60 ? 0.2 : 0.4);
  });
});
