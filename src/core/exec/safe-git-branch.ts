import type { Argument } from './command-argument.ts';

/** The operand of these is the next argument, whatever it looks like, unless it is attached. */
const WITH_OPERAND = /^--(format|sort|points-at|(?:no-)?contains|(?:no-)?merged)(?:=(.*))?$/s;
const ASKS_FOR_MATCHES = /^(?:--list|-[arviq]*l[alrviq]*)$/;
const DISPLAYS =
  /^(?:-[arviq]+|-h|--(?:help|all|remotes|verbose|quiet|ignore-case|omit-empty|show-current|no-(?:color|column|abbrev)|(?:color|column|abbrev)(?:=.*)?))$/s;

/**
 * Judges the arguments of `git branch`: whether it can only list. A name makes a new branch unless an option asks for
 * the branches that match.
 */
export function listsBranches(args: readonly Argument[]): boolean {
  let asksForMatches = false;
  let hasNames = false;
  for (let index = 0; index < args.length; index++) {
    const value = args[index]?.value ?? '';
    const [, option, attached] = WITH_OPERAND.exec(value) ?? [];
    if (option !== undefined) {
      const operand = attached === undefined ? args[++index] : { value: attached, globs: false };
      if (operand && !isSafeOperand(option, operand)) return false;
      asksForMatches ||= !isPresentation(option);
    } else if (ASKS_FOR_MATCHES.test(value)) asksForMatches = true;
    else if (!value.startsWith('-')) hasNames = true;
    else if (!DISPLAYS.test(value)) return false;
  }
  return asksForMatches || !hasNames;
}

/** A glob can match nothing, and the next argument would be the operand; the field `signature` starts gpg. */
function isSafeOperand(option: string, { value, globs }: Argument): boolean {
  return !globs && !(isPresentation(option) && value.includes('signature'));
}

function isPresentation(option: string): boolean {
  return option === 'format' || option === 'sort';
}
