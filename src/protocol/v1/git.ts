import { z } from 'zod';
import { defineMethod } from '../method.ts';

export const gitDiffToRemote = defineMethod('gitDiffToRemote', {
  summary: 'Compare the work tree with the nearest commit that a remote has; untracked files count as new.',
  params: z.object({
    cwd: z.string().meta({ description: 'A folder in the work tree; untracked files below it are shown.' }),
  }),
  result: z.object({
    sha: z.string().meta({ description: 'The commit that the remote has.' }),
    diff: z.string().meta({ description: 'In the format of `git diff`; empty when nothing differs.' }),
  }),
  rest: { verb: 'GET', path: '/v1/git/diff-to-remote', status: 200 },
  lane: { concurrent: 'only reads, in processes of its own' },
});
