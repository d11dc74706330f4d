/**
 * The one table of errors that cross the wire: kind -> JSON-RPC code, HTTP status, default reason word, and whether
 * trying again later can help. Codes and statuses are those of the public interface, section 4.
 */
export const ERRORS = {
  parse: { code: -32700, status: 400, reason: 'not_json', retryable: false },
  invalidRequest: { code: -32600, status: 400, reason: 'invalid_request', retryable: false },
  notFound: { code: -32600, status: 404, reason: 'not_found', retryable: false },
  conflict: { code: -32600, status: 409, reason: 'conflict', retryable: false },
  methodNotFound: { code: -32601, status: 404, reason: 'method_not_found', retryable: false },
  methodNotAllowed: { code: -32601, status: 405, reason: 'method_not_allowed', retryable: false },
  invalidParams: { code: -32602, status: 400, reason: 'invalid_params', retryable: false },
  unsupportedMediaType: { code: -32600, status: 415, reason: 'unsupported_media_type', retryable: false },
  tooLarge: { code: -32600, status: 413, reason: 'too_large', retryable: false },
  internal: { code: -32603, status: 500, reason: 'internal', retryable: false },
  overloaded: { code: -32001, status: 429, reason: 'too_many_requests', retryable: true },
  unavailable: { code: -32001, status: 503, reason: 'unavailable', retryable: true },
  unauthorized: { code: -32002, status: 401, reason: 'credential_missing', retryable: false },
  forbidden: { code: -32002, status: 403, reason: 'forbidden', retryable: false },
  misdirected: { code: -32002, status: 421, reason: 'host_not_allowed', retryable: false },
} as const;

export type ErrorKind = keyof typeof ERRORS;

/** One offending field of the params: a dotted path and what is wrong with it. */
export interface FieldError {
  path: string;
  message: string;
}

export interface RpcErrorOptions {
  /** Stable word for programs; the kind's own when left out. */
  reason?: string;
  fields?: FieldError[];
  /** More members for `data` and for the problem document; must hold no secret. */
  data?: Record<string, unknown>;
  cause?: unknown;
}

/** `error` of a JSON-RPC answer. */
export interface ErrorObject {
  code: number;
  message: string;
  data?: Record<string, unknown>;
}

/** RFC 9457 problem document, the REST form of the same error. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: number;
  reason: string;
  errors?: FieldError[];
  [extension: string]: unknown;
}

/** An error that a client is meant to see. Anything else that is thrown is logged whole and answered as `internal`. */
export class RpcError extends Error {
  readonly kind: ErrorKind;
  readonly reason: string;
  readonly fields: FieldError[] | undefined;
  readonly data: Record<string, unknown> | undefined;

  constructor(kind: ErrorKind, message: string, options: RpcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RpcError';
    this.kind = kind;
    this.reason = options.reason ?? ERRORS[kind].reason;
    this.fields = options.fields;
    this.data = options.data;
  }

  get code(): number {
    return ERRORS[this.kind].code;
  }

  get status(): number {
    return ERRORS[this.kind].status;
  }

  toErrorObject(): ErrorObject {
    const data: Record<string, unknown> = { reason: this.reason, ...this.data };
    if (this.fields) data.errors = this.fields;
    return { code: this.code, message: this.message, data };
  }

  toProblem(): Problem {
    return {
      type: `urn:codexd:problem:${this.reason.replaceAll('_', '-')}`,
      title: TITLES[this.kind],
      status: this.status,
      detail: this.message,
      code: this.code,
      reason: this.reason,
      ...(this.fields ? { errors: this.fields } : {}),
      ...this.data,
    };
  }
}

const TITLES: Record<ErrorKind, string> = {
  parse: 'Not JSON',
  invalidRequest: 'Invalid request',
  notFound: 'Not found',
  conflict: 'Conflict',
  methodNotFound: 'Unknown method',
  methodNotAllowed: 'Method not allowed',
  invalidParams: 'Invalid parameters',
  unsupportedMediaType: 'Unsupported media type',
  tooLarge: 'Too large',
  internal: 'Internal error',
  overloaded: 'Too many requests',
  unavailable: 'Unavailable',
  unauthorized: 'Authentication required',
  forbidden: 'Forbidden',
  misdirected: 'Misdirected request',
};
