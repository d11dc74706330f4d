import { type GitOptions, git } from './git-command.ts';
import { GitError } from './git-error.ts';
import { submoduleFolders } from './git-gitlinks.ts';
import type { GitSetting } from './git-settings.ts';

/** Scopes of settings that belong to the user or the machine. */
const TRUSTED = new Set(['system', 'global', 'command']);
const OFF: Readonly<Record<string, string>> = { required: 'false' };

/**
 * Settings that take back what the repository and its submodules say about filters, which are programs that git runs on
 * the content of files. What the user's own settings say about them stays. Throws `GitError`.
 * @param options with the top folder of the repository as `cwd`
 */
export async function filterOverrides(options: GitOptions): Promise<readonly GitSetting[]> {
  const overrides = new Map<string, string>();
  for (const cwd of [options.cwd, ...(await submoduleFolders(options))]) {
    for (const [name, value] of await ownFilters({ ...options, cwd })) overrides.set(name, value);
  }
  return [...overrides];
}

async function ownFilters(options: GitOptions): Promise<readonly GitSetting[]> {
  const settings = await filterSettings(options);
  const trusted = new Map(
    settings.filter(({ scope }) => TRUSTED.has(scope)).map(({ name, value }) => [name, value]),
  );
  return settings
    .filter(({ scope }) => !TRUSTED.has(scope))
    .map(({ name }) => [name, trusted.get(name) ?? OFF[name.slice(name.lastIndexOf('.') + 1)] ?? '']);
}

interface ScopedSetting {
  readonly scope: string;
  readonly name: string;
  readonly value: string;
}

async function filterSettings(options: GitOptions): Promise<ScopedSetting[]> {
  const output = await git(['config', '--null', '--show-scope', '--get-regexp', '^filter\\.'], options).catch(
    (error) => {
      // git ends with 1 when nothing matches; broken settings make every other command fail as well.
      if (error instanceof GitError && error.fault === 'failed') return Buffer.alloc(0);
      throw error;
    },
  );
  const fields = output.toString().split('\0');
  return fields.flatMap((scope, index) => {
    const setting = fields[index + 1];
    return index % 2 === 0 && setting !== undefined ? [settingOf(scope, setting)] : [];
  });
}

/** A setting without a value has no line break. */
function settingOf(scope: string, text: string): ScopedSetting {
  const [name = '', ...lines] = text.split('\n');
  return { scope, name, value: lines.join('\n') };
}
