import type { FileSystem } from '../files/file-system.ts';
import type { StorageHealth } from '../files/storage-health.ts';

/**
 * - `strict`: every append waits for the disk
 * - `normal`: those that ask for it; the others are synced a moment later
 * - `off`: nothing is synced before the file is closed
 */
export type Durability = 'strict' | 'normal' | 'off';

export interface WriterOptions {
  readonly files?: FileSystem;
  readonly now?: () => Date;
  readonly durability?: Durability;
  /** Longest time in ms that an append without `sync` stays off the disk. */
  readonly syncDelayMs?: number;
  /** Longest time in ms that an append waits for a disk in trouble. */
  readonly patienceMs?: number;
  /** Shared by all who write. */
  readonly health?: StorageHealth;
  /**
   * Takes the lock of the conversation, which belongs to the open file; called again for each new descriptor.
   * @throws RolloutError `locked` when somebody else has it
   */
  readonly lock?: (fd: number) => Promise<void>;
  /** Where bytes are kept that lost their place; without it that is beside the rollout. */
  readonly recoveredDirectory?: string;
  /** Told the whole lines that another program appended, before ours follow. Must not throw. */
  readonly onForeign?: (lines: readonly string[]) => void;
  /** Told what the user should know of the file. Must not throw. */
  readonly onNotice?: (text: string) => void;
}
