/** A figure, or why there is none. */
export type Figure = number | string;

export interface Row {
  readonly work: string;
  readonly unit: 'ms' | 'MB';
  /** By contender; those that were not asked are left out. */
  readonly figures: Readonly<Record<string, Figure>>;
}

/** Three digits that count, no more than one after the point. */
function written(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value < 10 ? 2 : 1);
}

function cell(row: Row, name: string): string {
  const figure = row.figures[name];
  if (figure === undefined) return '-';
  return typeof figure === 'number' ? `${written(figure)} ${row.unit}` : figure;
}

/** How many times as much as the other; below 1 is better. */
function ratio(row: Row, subject: string, other: string): string {
  const [ours, theirs] = [row.figures[subject], row.figures[other]];
  if (typeof ours !== 'number' || typeof theirs !== 'number' || theirs === 0) return '-';
  return `${(ours / theirs).toFixed(2)}x`;
}

const line = (cells: readonly string[]): string =>
  `| ${cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;

/**
 * A Markdown table: a row per work, a column per contender, and the subject's ratio to each of the others.
 * @param names the subject first
 */
export function renderTable(rows: readonly Row[], names: readonly string[]): string {
  const [subject = '', ...others] = names;
  const header = ['work', ...names, ...others.map((other) => `${subject} / ${other}`)];
  const body = rows.map((row) => [
    row.work,
    ...names.map((name) => cell(row, name)),
    ...others.map((other) => ratio(row, subject, other)),
  ]);
  return [header, header.map((_, index) => (index === 0 ? '---' : '---:')), ...body].map(line).join('\n');
}
