import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recordStart } from '../../src/daemon/crash-record.ts';
import { temporaryFolder } from './temporary-folder.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const NEVER = new Promise<never>(() => {});
const SECOND = 1_000;

test('REL-SIG-6: five crashes within a minute are a loop, which ends when the last of them is a minute old', async () => {
  const folder = temporaryFolder();
  const start = (second: number) => recordStart(folder, log, second * SECOND);
  for (let second = 0; second < 50; second += 10) expect((await start(second)).isLoop).toBe(false);
  expect((await start(50)).isLoop).toBe(true);
  expect((await start(60)).isLoop).toBe(true);
  expect((await start(180)).isLoop).toBe(false);
});

test('REL-SIG-6: a run that comes to its end is no crash, whatever the end is', async () => {
  const folder = temporaryFolder();
  for (let run = 0; run < 10; run++) {
    const record = await recordStart(folder, log);
    expect(record.isLoop).toBe(false);
    const outcome = record.during(NEVER, () =>
      run % 2 === 0 ? Promise.resolve(run) : Promise.reject(new Error('the port is taken')),
    );
    await outcome.catch(() => undefined);
  }
});

test('REL-SIG-6: an error that nobody caught is one', async () => {
  const folder = temporaryFolder();
  const crash = Promise.resolve('an error');
  for (let run = 0; run < 5; run++) {
    const record = await recordStart(folder, log);
    expect(record.isLoop).toBe(false);
    await record.during(crash, async () => crash);
  }
  expect((await recordStart(folder, log)).isLoop).toBe(true);
});

test('what is no record of crashes counts as none', async () => {
  const folder = temporaryFolder();
  for (const text of ['', '[]', '{"running":1}', '{"running":true,"crashes":["x"]}']) {
    writeFileSync(join(folder, 'crashes.json'), text, { mode: 0o600 });
    expect((await recordStart(folder, log)).isLoop).toBe(false);
  }
});
