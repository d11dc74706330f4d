import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DaemonWorld, openDaemonWorld } from '../support/lifecycle/daemon-world.ts';
import { type Duel, duels, type Fought } from '../support/lifecycle/duels.ts';
import type { Operation } from '../support/lifecycle/operation.ts';
import { runSettings, timeLimit } from '../support/lifecycle/runs.ts';

const RUNS = runSettings(100);
const LIMIT = timeLimit(RUNS.numRuns, 1_500);

const archive: Operation = { kind: 'archive', path: 'own' };
const unarchive: Operation = { kind: 'unarchive', by: 'id' };
const resume = (file: 'sessions' | 'archived'): Operation => ({ kind: 'resume', file });

/** Files of the daemon that are open under this name. */
function openings(pid: number, file: string): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((fd) => {
    try {
      return readlinkSync(path.join(folder, fd)) === file;
    } catch {
      return false;
    }
  }).length;
}

describe('one order explains what comes of it, and one file is left in one place, when two clients at once', () => {
  test.each<[string, Duel]>([
    ['archive it', { place: 'sessions', perhaps: resume('sessions'), operations: [archive, archive] }],
    [
      'archive and resume it',
      { place: 'sessions', perhaps: resume('sessions'), operations: [archive, resume('sessions')] },
    ],
    [
      'unarchive and resume it',
      { place: 'archived', perhaps: resume('archived'), operations: [unarchive, resume('archived')] },
    ],
  ])(
    '%s (REL-LC-5)',
    async (_, duel) => {
      await fc.assert(duels(await openDaemonWorld(), duel), RUNS);
    },
    LIMIT,
  );

  test.runIf(process.platform === 'linux')(
    'resume it: it is loaded once, with one order of events (REL-LC-9)',
    async () => {
      const world = await openDaemonWorld();
      const operations = [resume('sessions'), resume('sessions')] as const;
      const verify = ({ conversation, outcomes }: Fought): void => {
        const epochs = outcomes.map(({ result }) => String(result?.lastEventId).split('-')[0]);
        expect(epochs[0]).toBe(epochs[1]);
        expect(openings(Number(world.daemon.child.pid), conversation.file.sessions)).toBe(1);
      };
      await fc.assert(duels(world, { place: 'sessions', operations }, verify), RUNS);
    },
    LIMIT,
  );
});

/** The first client, who listens, is told what was decided, unless that was by itself. */
async function expectOneDecision({ socket, cwd }: DaemonWorld, fought: Fought): Promise<void> {
  const { conversation, acts, outcomes } = fought;
  const winner = acts.find(({ operation }, at) => operation.kind === 'answer' && outcomes[at]?.result);
  const decision = winner?.operation.kind === 'answer' ? winner.operation.decision : 'abort';
  await socket.call('getUserAgent');
  const told = socket.notifications.filter(({ method }) => method === 'approvalResolved');
  socket.notifications.length = 0;
  expect(told.map(({ params }) => params)).toMatchObject(
    winner?.caller === 0 ? [] : [{ conversationId: conversation.file.id, decision }],
  );
  const made = conversation.asked.map((text) => path.join(cwd, text.replace('run : > ', '')));
  if (decision !== 'approved') expect(made.filter((file) => existsSync(file))).toEqual([]);
}

describe('a question is decided once, and all are told the same, when its answer meets', () => {
  const ask: Operation = { kind: 'say', course: 'ask', as: 'turn' };
  const answer: Operation = { kind: 'answer', decision: 'approved' };

  test.each<[string, Operation]>([
    ['an interrupt', { kind: 'interrupt' }],
    ['the archiving of its conversation', archive],
  ])(
    '%s (REL-AP-5)',
    async (_, other) => {
      const world = await openDaemonWorld();
      const before = [resume('sessions'), { kind: 'listen' }, ask] as const;
      const duel: Duel = { place: 'sessions', before, operations: [answer, other] };
      await fc.assert(
        duels(world, duel, (fought) => expectOneDecision(world, fought)),
        RUNS,
      );
    },
    LIMIT,
  );
});
