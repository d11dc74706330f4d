import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { finishMoves } from '../../../src/core/rollout/finish-moves.ts';
import type { MoveAnswer, MoveOrder } from './move-child.ts';
import { expectOne, storedFile } from './moves.ts';

const ROUNDS = 200;

async function mover(): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'move-child.ts'), { stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

async function ask(child: ChildProcess, order: MoveOrder): Promise<MoveAnswer> {
  const answer = once(child, 'message');
  child.send(order);
  return (await answer)[0];
}

const either = (): MoveOrder['to'] => (Math.random() < 0.5 ? 'archive' : 'sessions');

it('REL-LC-8: two processes that archive and unarchive at random leave one file in one place', async () => {
  const movers = await Promise.all([mover(), mover()]);
  const stored = storedFile('sessions');
  const { codexHome, active, archived } = stored;
  let place = active;
  let moves = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const wanted = movers.map(() => either());
    const answers = await Promise.all(
      movers.map((child, index) => {
        const to = wanted[index] ?? 'archive';
        return ask(child, { codexHome, to, path: to === 'archive' ? active : archived });
      }),
    );
    const faults = answers.flatMap((answer) => ('fault' in answer ? [answer.fault] : []));
    const wins = answers.length - faults.length;
    expect(faults.every((fault) => fault === 'exists' || fault === 'outside_sessions')).toBe(true);
    const before = place;
    place = expectOne(stored);
    // Two that win went there and back; of two that want the same only one can.
    expect(wins === 1, `round ${round}: ${wanted} ${JSON.stringify(answers)}`).toBe(place !== before);
    if (wanted[0] === wanted[1]) expect(wins).toBeLessThan(2);
    moves += wins;
  }
  expect(moves).toBeGreaterThan(ROUNDS / 4);
  expect(await finishMoves(codexHome)).toEqual({ finished: [], failed: [] });
  rmSync(codexHome, { recursive: true });
});
