export type AuthErrorKind =
  | 'method_not_allowed'
  | 'login_port_in_use'
  | 'login_server_failed'
  | 'storage_failed';

/** A login or logout that could not be done. The message is meant for clients and holds no secret. */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly kind: AuthErrorKind;

  constructor(kind: AuthErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
