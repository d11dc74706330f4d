import { ABSENT, type Difference } from './compare.ts';

const MOST = 25;
const WIDTH = 400;

/** Differences for people: the path, then what was expected and what came. Empty when there are none. */
export function reportOf(differences: readonly Difference[]): string {
  const shown = differences
    .slice(0, MOST)
    .map(
      ({ path, reference, codexd }) =>
        `${path}\n    expected ${show(reference)}\n    got      ${show(codexd)}`,
    );
  if (differences.length > MOST) shown.push(`and ${differences.length - MOST} more`);
  return shown.join('\n');
}

function show(value: unknown): string {
  if (value === ABSENT) return '(absent)';
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > WIDTH ? `${text.slice(0, WIDTH)}… (${text.length} characters)` : text;
}
