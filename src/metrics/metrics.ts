import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { tallyAnswers } from './answer-tally.ts';
import { createOperations } from './operations.ts';

/** What the daemon counts and measures. Labels come from fixed sets, never from what users or models write (SEC-RED-7). */
export type Metrics = ReturnType<typeof createMetrics>;

const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];
const TURN_SECONDS = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 1_800];

/** Each daemon has its own. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    operations: createOperations(),
    answers: tallyAnswers(registry),
    authFailures: new Counter({
      name: 'codexd_auth_failures_total',
      help: 'Credentials, tokens and codes, that were shown and are not good.',
      registers,
    }),
    overflows: new Counter({
      name: 'codexd_overflows_total',
      help: 'Clients closed because they read too slowly.',
      labelNames: ['transport'],
      registers,
    }),
    events: new Counter({
      name: 'codexd_events_published_total',
      help: 'Events of conversations.',
      registers,
    }),
    turnDuration: new Histogram({
      name: 'codexd_turn_duration_seconds',
      help: 'Time from the start of a turn to its end.',
      labelNames: ['outcome'],
      buckets: TURN_SECONDS,
      registers,
    }),
    modelRequests: new Counter({
      name: 'codexd_model_requests_total',
      help: 'Steps asked of the model.',
      labelNames: ['outcome'],
      registers,
    }),
    modelRetries: new Counter({
      name: 'codexd_model_retries_total',
      help: 'Requests and steps repeated, by what went wrong.',
      labelNames: ['cause'],
      registers,
    }),
    tokens: new Counter({
      name: 'codexd_tokens_total',
      help: 'Tokens, as the model provider counts them.',
      labelNames: ['kind'],
      registers,
    }),
    rolloutWrite: new Histogram({
      name: 'codexd_rollout_write_seconds',
      help: 'Time until records of a conversation were stored as durably as was asked.',
      labelNames: ['outcome'],
      buckets: SECONDS,
      registers,
    }),
    rolloutErrors: new Counter({
      name: 'codexd_rollout_errors_total',
      help: 'Operations of the disk on files of conversations that failed.',
      registers,
    }),
    tokenRefreshes: new Counter({
      name: 'codexd_token_refresh_total',
      help: 'Renewals of the ChatGPT login.',
      labelNames: ['outcome'],
      registers,
    }),
    eventLoopDelay: new Histogram({
      name: 'codexd_event_loop_delay_seconds',
      help: 'How much later than planned a timer fired.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    stalls: new Counter({
      name: 'codexd_event_loop_stalls_total',
      help: 'Delays of the event loop beyond 200 ms, by what ran.',
      labelNames: ['operation'],
      registers,
    }),
  };
}

/** A value that is read when somebody asks for the metrics. */
export function addGauge(
  registry: Registry,
  name: `codexd_${string}`,
  help: string,
  read: () => number,
): void {
  registry.registerMetric(
    new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read());
      },
    }),
  );
}

/** A total that is kept elsewhere. */
export function addTotal(
  registry: Registry,
  name: `codexd_${string}`,
  help: string,
  read: () => number,
): void {
  registry.registerMetric(
    new Counter({
      name,
      help,
      registers: [],
      collect() {
        this.reset();
        this.inc(read());
      },
    }),
  );
}
