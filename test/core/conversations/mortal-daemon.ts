/**
 * A daemon that dies by SIGKILL just before its change number `dieAt` to the disk; says each one on stdout before it.
 * argv: `turn` to run one turn of a conversation, `close` to close the one that was cut off; then CODEX_HOME,
 * conversation id, rollout path, `dieAt`.
 */
import { statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { closeCutOffTurn } from '../../../src/core/conversations/cut-off-turn.ts';
import { openTurns } from '../../../src/core/conversations/open-turns.ts';
import { type FileSystem, realFileSystem } from '../../../src/core/files/file-system.ts';
import type { RolloutItem } from '../../../src/protocol/vocabulary/rollout.ts';
import { onlyWriter } from './only-writer.ts';

const [, , job, codexHome = '', conversationId = '', path = '', dieAt] = process.argv;

/** Dying before one that only looks is the same as dying before the next of these. */
const CHANGES: ReadonlySet<string> = new Set([
  'openSync',
  'mkdirSync',
  'writeSync',
  'ftruncateSync',
  'unlinkSync',
  'over',
]);
let changes = 0;

function operation(name: string): void {
  if (!CHANGES.has(name)) return;
  writeSync(1, `${name}\n`);
  changes += 1;
  if (changes === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
}

const files: FileSystem = new Proxy(realFileSystem, {
  get(target, name) {
    const call = Reflect.get(target, name);
    return (...args: unknown[]) => {
      operation(String(name));
      return Reflect.apply(call, target, args);
    };
  },
});

const open = onlyWriter(codexHome, conversationId, files);
const fail = (details: object, message: string): never => {
  throw new Error(`${message}: ${JSON.stringify(details)}`);
};
const log = { debug: fail, info: fail, warn: fail, error: fail };
const turns = openTurns({ folder: join(codexHome, 'codexd', 'open-turns'), files, log });

const input: RolloutItem = { type: 'compacted', payload: { message: 'the input' } };
const output: RolloutItem = { type: 'compacted', payload: { message: 'the answer' } };

async function runTurn(): Promise<void> {
  const rollout = await open(path);
  turns.begin(conversationId, { path, offset: statSync(path).size });
  await rollout.append([input], { sync: true });
  const onWritten = (): void => {
    turns.end(conversationId, rollout.size);
    operation('over');
  };
  await rollout.append([output], { sync: true, onWritten });
  await rollout.close();
}

if (job === 'turn') await runTurn();
for (const turn of job === 'close' ? await turns.cutOff() : [])
  writeSync(1, `${await closeCutOffTurn(turn, { openTurns: turns, open, files })}\n`);
