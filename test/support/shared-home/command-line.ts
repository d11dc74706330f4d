/**
 * Stands in for a command line that uses the same home: appends a record to a random conversation again and again, and says on
 * stdout what it has stored. argv: CODEX_HOME, `locks` to take the lock that newer command lines take, a name.
 */
import { appendFileSync, closeSync, globSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lockDescriptor } from '../../../src/core/files/kernel-lock.ts';

const [, , home = '', locks, name] = process.argv;
const ID = /([0-9a-f-]{36})\.jsonl$/;
let count = 0;

function store(file: string): void {
  count += 1;
  const message = `${name} ${count}`;
  const payload = { type: 'user_message', message, kind: 'plain' };
  const line = JSON.stringify({ timestamp: new Date().toISOString(), type: 'event_msg', payload });
  appendFileSync(file, `${line}\n`);
  writeSync(1, `${message}\n`);
}

async function storeLocked(file: string): Promise<void> {
  const folder = path.join(home, 'thread-writer-locks');
  mkdirSync(folder, { recursive: true });
  const lock = openSync(path.join(folder, `${ID.exec(file)?.[1]}.lock`), 'a', 0o600);
  try {
    if ((await lockDescriptor(lock)) !== 'locked') return;
    // Whoever moved the file meanwhile had the lock.
    if (globSync(path.join(home, 'sessions/*/*/*', path.basename(file))).length > 0) store(file);
    await pause(20);
  } finally {
    closeSync(lock);
  }
}

for (;;) {
  const files = globSync(path.join(home, 'sessions/*/*/*/*.jsonl'));
  const file = files[Math.floor(Math.random() * files.length)];
  if (file !== undefined) await (locks === 'locks' ? storeLocked(file) : store(file));
  await pause(10);
}
