import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startWatchdog } from '../../src/daemon/watchdog.ts';
import { temporaryFolder } from './temporary-folder.ts';

const log = pino({ level: 'silent' });

function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

describe('REL-ST-1: the watchdog', () => {
  it('says from outside that the event loop stands still, once, and what went on', async () => {
    const file = path.join(temporaryFolder(), 'log');
    const output = openSync(file, 'w');
    const watchdog = startWatchdog(log, { seconds: 2, output });
    onTestFinished(() => {
      watchdog.stop();
      closeSync(output);
    });
    watchdog.alive(() => ['sendUserMessage', 'GET /v1/conversations']);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(readFileSync(file, 'utf8')).toBe('');
    standStill(4_500);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        level: 50,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        pid: process.pid,
        operations: ['sendUserMessage', 'GET /v1/conversations'],
        msg: 'the event loop has stood still for 2 s',
      },
    ]);
  });
});
