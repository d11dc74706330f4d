import type { Services } from '../api/services.ts';
import { describeLoadedOnes } from '../api/v1/loaded.ts';
import type { StorageHealth } from '../core/files/storage-health.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Children } from './children/children.ts';

/** What the daemon is doing, for a diagnostics file. */
export async function inspectDaemon(
  services: Services,
  { health, children, metrics }: { health: StorageHealth; children: Children; metrics: Metrics },
): Promise<object> {
  const { conversations, hub, safeMode } = services;
  const lines = (await metrics.registry.metrics()).split('\n');
  return {
    safeMode,
    draining: conversations.draining,
    storageProblem: health.problem ?? null,
    operations: metrics.operations.running,
    processGroups: children.count,
    conversations: describeLoadedOnes(services),
    clients: hub.connected.map(({ id, transport, connectedAt, queuedBytes }) => ({
      id,
      transport,
      connectedAt,
      queuedBytes,
    })),
    metrics: lines.filter((line) => line !== '' && !line.startsWith('#')),
  };
}
