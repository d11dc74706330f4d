import type { ErrorObject } from '../protocol/errors.ts';

/** The daemon answered with an error. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** Of JSON-RPC: public interface, section 4. */
  readonly code: number;
  /** Stable word for programs, such as `conversation_not_found`. */
  readonly reason: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;

  constructor({ code, message, data = {} }: ErrorObject) {
    super(message);
    this.code = code;
    this.reason = typeof data.reason === 'string' ? data.reason : undefined;
    this.data = data;
  }
}

/**
 * - `not_running`: there is no daemon to connect to
 * - `unreachable`: nothing answers where it should be, or it has no time at the moment
 * - `refused`: it lets nobody in, or not with this token
 * - `lost`: the connection ended before the answer; whether the request was carried out is not known
 * - `closed`: this client was closed
 */
export type ConnectionFault = 'not_running' | 'unreachable' | 'refused' | 'lost' | 'closed';

/** There is no connection to the daemon. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly fault: ConnectionFault;

  constructor(fault: ConnectionFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
