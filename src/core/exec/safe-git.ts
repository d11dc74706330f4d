import { type Argument, someMayBecomeOption } from './command-argument.ts';
import { listsBranches } from './safe-git-branch.ts';

/** Options of diff, log and show that write a file, run a program or merge anew. */
const HARMFUL_OPTIONS = ['--output', '--ext-diff', '--textconv', '--show-signature', '--remerge-diff'];
/** A harmless option of its own that also starts the name of a harmful one. */
const FULL_NAMES = new Set(['--text']);
const REMERGE = /^--diff-merges(?:=(?:r|remerge))?$/;
const SIGNATURE_PLACEHOLDER = /%[-+ ]?G/;

/** Judges the arguments of `git`: only status, diff, log, show and lists of branches are safe, without global options. */
export function isSafeGit([subcommand, ...args]: readonly Argument[]): boolean {
  switch (subcommand?.value) {
    case 'status':
      return true;
    case 'diff':
    case 'log':
    case 'show':
      return !someMayBecomeOption(args) && !args.some(isHarmful);
    case 'branch':
      return !someMayBecomeOption(args) && listsBranches(args);
    default:
      return false;
  }
}

function isHarmful({ value }: Argument): boolean {
  return isHarmfulOption(value) || REMERGE.test(value) || SIGNATURE_PLACEHOLDER.test(value);
}

/** Git takes a long option by any start of its name that is not ambiguous, in some versions and places. */
function isHarmfulOption(value: string): boolean {
  const name = value.replace(/=.*$/s, '');
  if (name.length <= '--'.length || FULL_NAMES.has(name)) return false;
  return HARMFUL_OPTIONS.some((option) => option.startsWith(name));
}
