import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { ALL_CASES } from './cases/all.ts';
import { INTENDED_DIFFERENCES } from './differences.ts';
import { compareCase } from './harness/compare-case.ts';
import { DAEMON_ENTRY, startDaemon } from './harness/daemon.ts';
import { installReference } from './harness/install.ts';
import { findIntended, type IntendedDifference } from './harness/intended.ts';
import { referenceAt } from './harness/reference.ts';
import { reportOf } from './harness/report.ts';

vi.setConfig({ maxConcurrency: 6, testTimeout: 60_000 });

/** `INTEROP_SUBJECT=reference` plays the reference against itself: a new case must be identical there, every time. */
const selfCheck = process.env.INTEROP_SUBJECT === 'reference';

const reference = await installReference();
if ('missing' in reference) console.warn(`interop: skipped, ${reference.missing}`);
if (!selfCheck && !existsSync(DAEMON_ENTRY))
  throw new Error(`${DAEMON_ENTRY} is missing: run npm run build first`);

/** Cases in which the reference differs from itself. */
const byChance = new Set(INTENDED_DIFFERENCES.flatMap(({ sometimes, cases }) => (sometimes ? cases : [])));
const playable = ALL_CASES.filter(({ name }) => !selfCheck || !byChance.has(name));

const shown = new Set<IntendedDifference>();
const played = new Set<string>();

describe.skipIf('missing' in reference).concurrent('REL-WR-7: beside the reference', () => {
  const startReference = referenceAt('binary' in reference ? reference.binary : '');

  it.for(playable.map((play) => [play.name, play] as const))('%s', async ([, play]) => {
    const differences = await compareCase(play, startReference, selfCheck ? startReference : startDaemon);
    const unintended = differences.filter((difference) => {
      const entry = selfCheck ? undefined : findIntended(play.name, difference, INTENDED_DIFFERENCES);
      if (entry) shown.add(entry);
      return entry === undefined;
    });
    played.add(play.name);
    expect(reportOf(unintended)).toBe('');
  });
});

afterAll(() => {
  if (selfCheck || played.size < ALL_CASES.length) return;
  const stale = INTENDED_DIFFERENCES.filter((entry) => !shown.has(entry) && !entry.sometimes);
  expect(stale, 'entries of differences.ts that no case shows any more').toEqual([]);
});
