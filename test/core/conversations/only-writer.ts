import { join } from 'node:path';
import { writerLock } from '../../../src/core/conversations/writer-lock.ts';
import type { FileSystem } from '../../../src/core/files/file-system.ts';
import type { RolloutWriter } from '../../../src/core/rollout/types.ts';
import { openRollout } from '../../../src/core/rollout/writer.ts';

/** Opens rollouts of one home the way a daemon does that loads them. */
export function onlyWriter(codexHome: string, conversationId: string, files: FileSystem) {
  return async (rolloutPath: string): Promise<RolloutWriter> => {
    const { lockFile } = writerLock({ conversationId, rolloutPath, codexHome, files });
    const recovered = join(codexHome, 'codexd', 'recovered');
    return (await openRollout(rolloutPath, recovered, { files, lock: lockFile })).writer;
  };
}
