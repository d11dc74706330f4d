import { Counter, type Histogram, type Registry } from 'prom-client';

/** Counts answers and the time that they took. */
export interface AnswerTally {
  /** @param route a pattern, so that addresses never become labels */
  note(method: string, route: string, code: number, seconds: number): void;
}

interface Series {
  readonly labels: { readonly method: string; readonly route: string };
  readonly codes: Map<number, number>;
  /** How many took so long, by the index of the bucket; one more for those that took longer. */
  readonly counts: number[];
  seconds: number;
}

const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];
const DURATION = 'codexd_http_request_duration_seconds';

/**
 * The metrics of answers. Counted without prom-client, which takes longer to find a series by its labels than a small
 * answer takes altogether; it is told when somebody asks.
 */
export function tallyAnswers(registry: Registry): AnswerTally {
  const all = new Map<string, Series>();
  registry.registerMetric(requestCounter(all));
  registry.registerMetric(durations(all));

  function seriesOf(method: string, route: string): Series {
    const key = `${method} ${route}`;
    const known = all.get(key);
    if (known) return known;
    const counts = new Array<number>(SECONDS.length + 1).fill(0);
    const series = { labels: { method, route }, codes: new Map(), counts, seconds: 0 };
    all.set(key, series);
    return series;
  }

  return {
    note(method, route, code, seconds) {
      const series = seriesOf(method, route);
      series.codes.set(code, (series.codes.get(code) ?? 0) + 1);
      const bucket = SECONDS.findIndex((bound) => seconds <= bound);
      const index = bucket === -1 ? SECONDS.length : bucket;
      series.counts[index] = (series.counts[index] ?? 0) + 1;
      series.seconds += seconds;
    },
  };
}

function requestCounter(all: ReadonlyMap<string, Series>): Counter {
  return new Counter({
    name: 'codexd_http_requests_total',
    help: 'HTTP requests answered.',
    labelNames: ['method', 'route', 'code'],
    registers: [],
    collect() {
      this.reset();
      for (const { labels, codes } of all.values())
        for (const [code, count] of codes) this.inc({ ...labels, code }, count);
    },
  });
}

/** What a registry asks of a metric; the type of prom-client wants one of its own classes. */
function durations(all: ReadonlyMap<string, Series>): Histogram {
  const metric = {
    name: DURATION,
    get: async () => ({
      name: DURATION,
      help: 'Time until the answer was sent.',
      type: 'histogram',
      aggregator: 'sum',
      values: [...all.values()].flatMap(valuesOf),
    }),
    reset: () => {},
  };
  return metric as unknown as Histogram;
}

function valuesOf({ labels, counts, seconds }: Series): object[] {
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    return {
      metricName: `${DURATION}_bucket`,
      labels: { le: SECONDS[index] ?? '+Inf', ...labels },
      value: total,
    };
  });
  return [
    ...buckets,
    { metricName: `${DURATION}_sum`, labels, value: seconds },
    { metricName: `${DURATION}_count`, labels, value: total },
  ];
}
