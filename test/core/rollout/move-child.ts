import { moveToArchive, moveToSessions } from '../../../src/core/rollout/archive.ts';
import { RolloutError } from '../../../src/core/rollout/errors.ts';

/** What to move where. */
export interface MoveOrder {
  readonly codexHome: string;
  readonly to: 'archive' | 'sessions';
  readonly path: string;
}

export type MoveAnswer = { path: string } | { fault: string };

async function move({ codexHome, to, path }: MoveOrder): Promise<MoveAnswer> {
  try {
    return { path: await (to === 'archive' ? moveToArchive : moveToSessions)(codexHome, path) };
  } catch (error) {
    if (error instanceof RolloutError) return { fault: error.fault };
    throw error;
  }
}

process.on('message', (order: MoveOrder) => void move(order).then((answer) => process.send?.(answer)));
process.send?.('ready');
