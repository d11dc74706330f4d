import { AuthError } from '../core/auth/errors.ts';
import { ConfigError } from '../core/config/load.ts';
import { ConversationError, type ConversationErrorKind } from '../core/conversations/errors.ts';
import { storageProblem } from '../core/files/storage-problem.ts';
import { errorCode, RolloutError, type RolloutFault } from '../core/rollout/errors.ts';
import { type ErrorKind, RpcError } from '../protocol/errors.ts';

interface Meaning {
  readonly kind: ErrorKind;
  readonly reason: string;
}

const CONVERSATION_ERRORS: Record<ConversationErrorKind, Meaning> = {
  not_found: { kind: 'notFound', reason: 'conversation_not_found' },
  shut_down: { kind: 'conflict', reason: 'conversation_shut_down' },
  draining: { kind: 'unavailable', reason: 'draining' },
};

/** Those whose cause is for the caller to see to; anything else is the machine's trouble. */
const ROLLOUT_ERRORS: Partial<Record<RolloutFault, Meaning>> = {
  outside_sessions: { kind: 'invalidRequest', reason: 'path_outside_sessions' },
  id_mismatch: { kind: 'invalidRequest', reason: 'path_id_mismatch' },
  already_archived: { kind: 'conflict', reason: 'already_archived' },
  exists: { kind: 'conflict', reason: 'path_exists' },
  not_found: { kind: 'notFound', reason: 'conversation_not_found' },
  not_archived: { kind: 'conflict', reason: 'not_archived' },
  locked: { kind: 'conflict', reason: 'conversation_locked' },
  numbered: { kind: 'conflict', reason: 'conversation_read_only' },
  loaded_elsewhere: { kind: 'conflict', reason: 'conversation_loaded_elsewhere' },
  storage_full: { kind: 'unavailable', reason: 'storage_full' },
  storage_unwritable: { kind: 'unavailable', reason: 'storage_unwritable' },
  storage_lost: { kind: 'internal', reason: 'storage_lost' },
  storage_error: { kind: 'internal', reason: 'storage_error' },
  storage_conflict: { kind: 'conflict', reason: 'storage_conflict' },
};

/**
 * Runs a part of a handler and turns the core's errors into those of the wire.
 * @param doing begins the message of an error of a rollout, as in the reference
 */
export async function translating<T>(work: () => T | Promise<T>, doing?: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toRpcError(error, doing);
  }
}

function toRpcError(error: unknown, doing: string | undefined): unknown {
  if (error instanceof ConversationError) {
    const { kind, reason } = CONVERSATION_ERRORS[error.kind];
    return new RpcError(kind, error.message, { reason, cause: error });
  }
  if (error instanceof AuthError) {
    if (error.kind === 'storage_failed') return storageError(error.message, error);
    const kind = error.kind === 'method_not_allowed' ? 'invalidRequest' : 'internal';
    return new RpcError(kind, error.message, { reason: error.kind, cause: error });
  }
  if (error instanceof ConfigError) {
    return new RpcError('invalidRequest', `error deriving config: ${error.message}`, {
      reason: 'config_invalid',
      cause: error,
    });
  }
  if (error instanceof RolloutError) return rolloutError(error, doing);
  return error;
}

/** @param error whose cause is what the system said, or which is that itself */
export function storageError(message: string, error: unknown): RpcError {
  const reason = storageProblem(systemCode(error));
  const kind = reason === 'storage_error' ? 'internal' : 'unavailable';
  return new RpcError(kind, message, { reason, cause: error });
}

/** True for what the disk said about itself, rather than about the path. */
export function isAboutStorage(error: unknown): boolean {
  const code = systemCode(error);
  return code !== undefined && !PATH_CODES.has(code);
}

const systemCode = (error: unknown): string | undefined =>
  errorCode(error) ?? (error instanceof Error ? errorCode(error.cause) : undefined);

function rolloutError(error: RolloutError, doing: string | undefined): RpcError {
  const fault = faultOf(error);
  const { kind, reason } = ROLLOUT_ERRORS[fault] ?? { kind: 'internal', reason: `rollout_${fault}` };
  const isRefusal = kind === 'invalidRequest' || error.fault === 'already_archived';
  const message = doing === undefined || isRefusal ? error.message : `${doing}: ${error.message}`;
  return new RpcError(kind, message, { reason, cause: error });
}

/** Codes that say something of the path and nothing of the disk. */
const PATH_CODES: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'EEXIST',
  'ELOOP',
  'ENAMETOOLONG',
]);

const faultOf = ({ fault, code }: RolloutError): RolloutFault =>
  fault === 'io' && code !== undefined && !PATH_CODES.has(code) ? storageProblem(code) : fault;
