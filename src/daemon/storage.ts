import path from 'node:path';
import type { ConversationManager } from '../core/conversations/manager.ts';
import type { FileSystem } from '../core/files/file-system.ts';
import { type StorageHealth, storageHealth } from '../core/files/storage-health.ts';
import { finishMoves } from '../core/rollout/finish-moves.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { DaemonOptions } from './types.ts';

export const openHealth = (
  { codexHome, log }: DaemonOptions,
  files: FileSystem,
  { rolloutErrors }: Metrics,
): StorageHealth =>
  storageHealth({
    ballastPath: path.join(codexHome, 'codexd', 'ballast'),
    files,
    onFailure: () => rolloutErrors.inc(),
    log: (text) => log.warn(text),
  });

/** Finishes what an earlier daemon was in the middle of. What cannot be finished stays for the next start. */
export async function restoreOrder(
  { codexHome, log }: DaemonOptions,
  files: FileSystem,
  conversations: ConversationManager,
): Promise<void> {
  try {
    const { finished, failed } = await finishMoves(codexHome, files);
    for (const place of finished) log.info({ place }, 'finished the move of a conversation');
    for (const err of failed) log.error({ err }, 'the move of a conversation could not be finished');
    await conversations.recover();
  } catch (err) {
    log.error({ err }, 'the traces of an earlier daemon could not be read');
  }
}
