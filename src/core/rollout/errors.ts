import { constants } from 'node:os';

/**
 * - `io`: the operating system refused; `code` says how
 * - `empty`, `no_session_meta`, `not_a_file`: there is nothing in the file that could be continued
 * - `outside_sessions`, `id_mismatch`: the path is not one of this conversation
 * - `exists`: the destination is taken
 * - `invalid_record`: the record is not one that a rollout can hold
 * - `numbered`: the file can be read, but only the program that wrote it can continue it
 * - `locked`: somebody else writes the conversation
 * - `loaded_elsewhere`: the conversation is in use with another file
 * - `not_found`, `not_archived`: there is no such file in `archived_sessions`
 * - `already_archived`: it is there, and was to be moved there
 * - `storage_full`, `storage_unwritable`, `storage_error`: the disk did not take what was to be written
 * - `storage_lost`, `storage_conflict`: the open file was removed, or replaced or cut off by somebody else
 * - `closed`: the writer was closed
 */
export type RolloutFault =
  | 'io'
  | 'empty'
  | 'no_session_meta'
  | 'not_a_file'
  | 'outside_sessions'
  | 'id_mismatch'
  | 'exists'
  | 'invalid_record'
  | 'numbered'
  | 'locked'
  | 'loaded_elsewhere'
  | 'not_found'
  | 'not_archived'
  | 'already_archived'
  | 'storage_full'
  | 'storage_unwritable'
  | 'storage_error'
  | 'storage_lost'
  | 'storage_conflict'
  | 'closed';

/** Messages of reading and archiving are those of the reference (protocol-v1, sections 16 and 18). */
export class RolloutError extends Error {
  override readonly name = 'RolloutError';
  readonly fault: RolloutFault;
  /** The operating system's name of the error, such as `ENOSPC`. */
  readonly code: string | undefined;

  constructor(fault: RolloutFault, message: string, options: { code?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.fault = fault;
    this.code = options.code;
  }
}

/**
 * The wording of the reference's C library (musl), which is part of its error messages. Only EMFILE goes by the name that
 * everybody looks for (REL-LK-4).
 */
const WORDING: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EBUSY: 'Resource busy',
  EDQUOT: 'Quota exceeded',
  EEXIST: 'File exists',
  EFBIG: 'File too large',
  EINTR: 'Interrupted system call',
  EIO: 'I/O error',
  EISDIR: 'Is a directory',
  ELOOP: 'Symbolic link loop',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'Filename too long',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  EXDEV: 'Cross-device link',
};

const numberOf = (code: string): number | undefined =>
  (constants.errno as Readonly<Record<string, number>>)[code];

/** `ENOENT` and the like; `undefined` for errors that did not come from the operating system. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && numberOf(code) !== undefined ? code : undefined;
}

/** `No such file or directory (os error 2)`, the way the reference says it. */
function describeCode(code: string): string {
  return `${WORDING[code] ?? code} (os error ${numberOf(code)})`;
}

/**
 * Turns what a file operation threw into a {@link RolloutError}; one that already is one stays as it is.
 * @param subject what could not be done to which file; without it the message is the operating system's alone
 */
export function toRolloutError(error: unknown, subject?: string): RolloutError {
  if (error instanceof RolloutError) return error;
  const code = errorCode(error);
  const cause = code === undefined ? String(error) : describeCode(code);
  const message = subject === undefined ? cause : `${subject}: ${cause}`;
  return new RolloutError('io', message, { ...(code !== undefined && { code }), cause: error });
}
