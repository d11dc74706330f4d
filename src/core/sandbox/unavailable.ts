/** Why commands cannot be confined here, and what the user can do about it; both are sentences. */
export interface Obstacle {
  readonly reason: string;
  readonly remedy: string;
}

/** A command was not run because the restrictions asked for cannot be enforced. It never means that the command failed. */
export class SandboxUnavailableError extends Error implements Obstacle {
  override readonly name = 'SandboxUnavailableError';
  /** As in `data.reason` of an answer (security, SEC-EXEC-6). */
  readonly code = 'sandbox_unavailable';
  readonly reason: string;
  readonly remedy: string;

  constructor({ reason, remedy }: Obstacle, options?: ErrorOptions) {
    super(`The sandbox is not available: ${reason} ${remedy}`, options);
    this.reason = reason;
    this.remedy = remedy;
  }
}
