import { collectDefaultMetrics, type Registry } from 'prom-client';

/**
 * The usual `process_*` and `nodejs_*`. Their own watch over the event loop would wake an idle process a hundred times a
 * second; codexd has another.
 */
export function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 10_000 });
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith('nodejs_eventloop_lag')) registry.removeSingleMetric(name);
  }
}
