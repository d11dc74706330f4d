import type { Contender } from './peer.ts';
import type { Figure, Row } from './table.ts';

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

/**
 * Measures the contenders in turn and puts their figures side by side. One that fails says so in its place.
 * @param works the rows, all of which `measure` gives a figure for
 */
export async function measureEach(
  contenders: readonly Contender[],
  works: Readonly<Record<string, Row['unit']>>,
  measure: (contender: Contender) => Promise<Readonly<Record<string, Figure>>>,
): Promise<Row[]> {
  const rows = Object.entries(works).map(([work, unit]) => {
    const figures: Record<string, Figure> = {};
    return { work, unit, figures };
  });
  for (const contender of contenders) {
    const measured = await measure(contender).catch(failed);
    for (const { work, figures } of rows)
      figures[contender.name] = typeof measured === 'string' ? measured : (measured[work] ?? '-');
  }
  return rows;
}

function failed(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/method not found|unknown method/i.test(message)) return 'not yet';
  console.error(error);
  return `failed: ${message.split('\n')[0]}`;
}
