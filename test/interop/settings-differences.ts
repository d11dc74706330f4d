import { ABSENT } from './harness/compare.ts';
import type { IntendedDifference } from './harness/intended.ts';

/** Those in what is saved as settings, and in diffs. */
export const SETTINGS_DIFFERENCES: readonly IntendedDifference[] = [
  {
    cases: ['comments on the lines of the default model stay'],
    path: 'notes.changed',
    reference: '# above\nmodel = "b"\nother = 1\n',
    codexd: '# above\nmodel = "b" # behind\nother = 1\n',
    reason: 'what others wrote is kept',
    point: 21,
  },
  {
    cases: ['comments on the lines of the default model stay'],
    path: 'notes.removed',
    reference: 'other = 1\n',
    codexd: '# above\n# behind\nother = 1\n',
    reason: 'what others wrote is kept',
    point: 21,
  },
  {
    cases: ['names and texts that git would quote or not decode are in the diff'],
    path: 'replies[0 gitDiffToRemote].reply.result.diff',
    reference: '',
    codexd: /"b\/tab\\t"/,
    reason: 'no change is left out of a diff for its name',
  },
  {
    cases: ['names and texts that git would quote or not decode are in the diff'],
    path: 'replies[1 gitDiffToRemote].reply.result.diff',
    reference: '',
    codexd: /\+\ufffd/,
    reason: 'no change is left out of a diff for its text',
  },
  {
    cases: ['names and texts that git would quote or not decode are in the diff'],
    path: 'replies[2 gitDiffToRemote].reply.error',
    reference: {
      code: -32600,
      message: 'failed to compute git diff to remote for cwd: "<cwd>"',
    },
    codexd: ABSENT,
    reason: 'text in another encoding is no reason to show nothing',
  },
  {
    cases: ['names and texts that git would quote or not decode are in the diff'],
    path: 'replies[2 gitDiffToRemote].reply.result',
    reference: ABSENT,
    codexd: /\+\ufffd/,
    reason: 'text in another encoding is no reason to show nothing',
  },
];
