import type { Target } from './target.ts';

/** A figure, or why there is none. */
export type Figure = number | string;

export type Unit = 'ms' | 'MB' | 'kB' | '/s';

/** Something that is measured. */
export interface Work {
  readonly work: string;
  readonly unit: Unit;
  readonly target?: Target;
}

export interface Row extends Work {
  /** By contender; those that were not asked are left out. */
  readonly figures: Readonly<Record<string, Figure>>;
}

/** Three digits that count, no more than three after the point. */
function written(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : 3);
}

function cell(row: Row, name: string): string {
  const figure = row.figures[name];
  if (figure === undefined) return '-';
  return typeof figure === 'number' ? `${written(figure)} ${row.unit}` : figure;
}

/** How many times as much as the other. */
function ratio(row: Row, subject: string, other: string): string {
  const [ours, theirs] = [row.figures[subject], row.figures[other]];
  if (typeof ours !== 'number' || typeof theirs !== 'number' || theirs === 0) return '-';
  return `${(ours / theirs).toFixed(2)}x`;
}

function verdict({ target, figures }: Row): string {
  if (target === undefined) return '';
  const met = target.isMet(figures);
  return met === undefined ? 'not measured' : met ? 'yes' : '**no**';
}

const line = (cells: readonly string[]): string =>
  `| ${cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;

/**
 * A Markdown table: a row per work, a column per contender, the subject's ratio to each of the others, and what the
 * subject is to reach and whether it does.
 * @param names the subject first
 */
export function renderTable(rows: readonly Row[], names: readonly string[]): string {
  const [subject = '', ...others] = names;
  const header = ['work', ...names, ...others.map((other) => `${subject} / ${other}`), 'target', 'met'];
  const body = rows.map((row) => [
    row.work,
    ...names.map((name) => cell(row, name)),
    ...others.map((other) => ratio(row, subject, other)),
    row.target?.text ?? '',
    verdict(row),
  ]);
  const ruler = header.map((_, index) => (index === 0 || index >= header.length - 2 ? '---' : '---:'));
  return [header, ruler, ...body].map(line).join('\n');
}
