import { median } from './measure.ts';
import type { Contender } from './peer.ts';
import type { Figure, Row, Work } from './table.ts';

export interface Options {
  /** Fewer and smaller measurements, to see that everything works. */
  readonly quick: boolean;
}

export interface BenchCase {
  readonly name: string;
  /** Set when only codexd can do it. */
  readonly alone?: boolean;
  run(contenders: readonly Contender[], options: Options): Promise<Row[]>;
}

/** By work. */
export type Measured = Readonly<Record<string, number>>;

/**
 * Measures the servers in turn, as many times as there are rounds, and puts the medians of their figures side by side.
 * One that fails is not asked again and says so in its place.
 * @param works the rows, all of which `measure` gives a figure for
 */
export async function measureEach<Subject extends { readonly name: string }>(
  subjects: readonly Subject[],
  works: readonly Work[],
  measure: (subject: Subject) => Promise<Measured>,
  rounds = 1,
): Promise<Row[]> {
  const measured = new Map<string, Measured[]>();
  const failures = new Map<string, string>();
  for (let round = 0; round < rounds; round += 1)
    for (const subject of subjects) {
      if (failures.has(subject.name)) continue;
      try {
        measured.set(subject.name, [...(measured.get(subject.name) ?? []), await measure(subject)]);
      } catch (error) {
        failures.set(subject.name, failed(error));
      }
    }
  const figureOf = (name: string, work: string): Figure =>
    failures.get(name) ?? median((measured.get(name) ?? []).map((each) => each[work] ?? Number.NaN));
  return works.map((row) => ({
    ...row,
    figures: Object.fromEntries(subjects.map(({ name }) => [name, figureOf(name, row.work)])),
  }));
}

function failed(error: unknown): string {
  console.error(error);
  const message = error instanceof Error ? error.message : String(error);
  return `failed: ${message.split('\n')[0]}`;
}
