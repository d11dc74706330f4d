import type { RolloutError } from './errors.ts';
import type { TailRepair } from './tail.ts';

/** What the user is told of a conversation's file. */
export const NOTICES = {
  repaired: (repair: TailRepair): string =>
    repair.kind === 'completed'
      ? `The last record of this conversation's file lacked its end, which was added; its ${repair.bytes} bytes are complete.`
      : `The last record of this conversation's file was torn; its ${repair.bytes} bytes are now in ${repair.savedTo}.`,
  recreated: (path: string): string =>
    `This conversation's file was removed by another program. It was written again, as it was: ${path}`,
  failing: ({ message }: RolloutError): string =>
    `Storage is in trouble: ${message}. What belongs to this conversation is kept in memory until the disk takes it.`,
  recovered: (): string => 'Storage works again; everything that was kept for this conversation was written.',
  stopped: ({ message }: RolloutError): string => `This conversation is not stored any more: ${message}`,
  rescued: (savedTo: string): string =>
    `What this conversation's file held before it was replaced is now in ${savedTo}.`,
  notRescued: (cause: string): string =>
    `What this conversation's file held before it was replaced could not be saved: ${cause}`,
  large: (path: string, bytes: number): string =>
    `This conversation's file is larger than ${bytes / (1024 * 1024)} MiB: ${path}. A new conversation would be faster.`,
};
