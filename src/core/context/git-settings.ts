import { GitError } from './git-error.ts';

/** Name and value of a setting of git. */
export type GitSetting = readonly [name: string, value: string];

/** Ways in which the settings of a repository make any command run programs, closed. */
const SAFE_SETTINGS: readonly GitSetting[] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['safe.bareRepository', 'explicit'],
];

/**
 * Arguments that put settings above those of the repository, also for the commands that git itself starts in submodules.
 * Throws `GitError` for a name that git would take for another one.
 */
export function settingArguments(settings: readonly GitSetting[] = []): string[] {
  return [...SAFE_SETTINGS, ...settings].flatMap(([name, value]) => {
    if (name.includes('='))
      throw new GitError('failed', 'the repository has a setting that cannot be overruled');
    return ['-c', `${name}=${value}`];
  });
}
