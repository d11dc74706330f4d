import { readFileSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { storageHealth } from '../../../src/core/files/storage-health.ts';
import { RolloutError } from '../../../src/core/rollout/errors.ts';
import { createRollout } from '../../../src/core/rollout/writer.ts';
import type { RolloutItem } from '../../../src/protocol/vocabulary/rollout.ts';

/**
 * On the small disk mounted at the first argument: fills it, asks for something, lets a turn write a record and its end,
 * makes room and asks again. Prints what became of it.
 */
const [, , home = ''] = process.argv;
const record = (text: string): RolloutItem => ({
  type: 'response_item',
  payload: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
});
const refusal = (error: unknown) => {
  if (!(error instanceof RolloutError)) throw error;
  return { fault: error.fault, code: error.code, message: error.message };
};

// The writer's own timers do not keep a process alive.
const alive = setInterval(() => undefined, 1_000);
const health = storageHealth({
  ballastPath: join(home, 'ballast'),
  ballastBytes: 64 * 1024,
  checkIntervalMs: 20,
});
await health.start();
const path = join(home, 'r.jsonl');
const writer = await createRollout(path, { health });
const filler = join(home, 'filler');
const { bavail, bsize } = statfsSync(home);
writeFileSync(filler, Buffer.alloc(bavail * bsize));
const refused = await writer
  .append([record('x'.repeat(10_000))], { urgent: true, sync: true })
  .then(() => null, refusal);
const { problem } = health;
let isWritten = false;
const ordinary = writer.append([record('of a turn')]).then(() => {
  isWritten = true;
});
for (let looks = 0; looks < 20; looks++) await delay(10);
const waits = !isWritten;
await writer.append([record('closing record')], { closing: true, sync: true });
await ordinary;
const whileFull = health.isFull;
unlinkSync(filler);
while (health.problem !== undefined) await delay(5);
const after = await writer.append([record('after')], { urgent: true, sync: true }).then(() => null, refusal);
await writer.close();
await health.close();
clearInterval(alive);
const texts = readFileSync(path, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line).payload.content[0].text);
process.stdout.write(JSON.stringify({ refused, problem, waits, whileFull, after, texts }));
