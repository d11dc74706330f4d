import { AuthError } from '../core/auth/errors.ts';
import { ConfigError } from '../core/config/load.ts';
import { ConversationError, type ConversationErrorKind } from '../core/conversations/errors.ts';
import { type ErrorKind, RpcError } from '../protocol/errors.ts';

const CONVERSATION_ERRORS: Record<ConversationErrorKind, { kind: ErrorKind; reason: string }> = {
  not_found: { kind: 'notFound', reason: 'conversation_not_found' },
  shut_down: { kind: 'conflict', reason: 'conversation_shut_down' },
  draining: { kind: 'unavailable', reason: 'draining' },
};

/** Runs a part of a handler and turns the core's errors into those of the wire. */
export async function translating<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toRpcError(error);
  }
}

function toRpcError(error: unknown): unknown {
  if (error instanceof ConversationError) {
    const { kind, reason } = CONVERSATION_ERRORS[error.kind];
    return new RpcError(kind, error.message, { reason, cause: error });
  }
  if (error instanceof AuthError) {
    const kind = error.kind === 'method_not_allowed' ? 'invalidRequest' : 'internal';
    return new RpcError(kind, error.message, { reason: error.kind, cause: error });
  }
  if (error instanceof ConfigError) {
    return new RpcError('invalidRequest', `error deriving config: ${error.message}`, {
      reason: 'config_invalid',
      cause: error,
    });
  }
  return error;
}
