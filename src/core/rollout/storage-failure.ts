import { storageProblem } from '../files/storage-problem.ts';
import { RolloutError, toRolloutError } from './errors.ts';

/**
 * What a failed operation on a rollout means for those who want to write.
 * @param subject what could not be done to which file
 * @returns `storage_full`, `storage_unwritable` or `storage_error`; errors that already say more stay as they are
 */
export function storageFailure(error: unknown, subject: string): RolloutError {
  if (error instanceof RolloutError && error.fault !== 'io') return error;
  const { message, code } = toRolloutError(error);
  return new RolloutError(storageProblem(code), `${subject}: ${message}`, {
    ...(code !== undefined && { code }),
    cause: error,
  });
}

/** The file is no longer the one that we wrote; what is there now is somebody else's. */
export const storageConflict = (path: string, what: string): RolloutError =>
  new RolloutError('storage_conflict', `cannot append to ${path}: ${what}`);
