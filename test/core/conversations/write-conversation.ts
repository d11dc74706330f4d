/**
 * Stands in for a daemon that has a conversation loaded: locks the rollout, then what command lines lock, and says
 * `locked`, or why not. argv: rollout path, CODEX_HOME, conversation id. With a line on stdin it starts a command that
 * goes on without it, and says its pid.
 */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { writerLock } from '../../../src/core/conversations/writer-lock.ts';

const [, , rolloutPath = '', codexHome = '', conversationId = ''] = process.argv;
const say = (line: string | number | undefined): void => void process.stdout.write(`${line}\n`);
const lock = writerLock({
  conversationId,
  rolloutPath,
  codexHome,
  onUnavailable: (path) => say(`no lock for ${path}`),
});
try {
  await lock.lockFile(openSync(rolloutPath, 'a+'));
  await lock.ensure();
  say('locked');
} catch (error) {
  say(String(error));
}
for await (const _ of createInterface({ input: process.stdin })) {
  say(spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }).pid);
}
