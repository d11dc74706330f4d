/**
 * - `failed`: git ended with an error
 * - `missing`: there is no git, or the folder cannot be entered
 * - `timeout`, `too_large`: it took too long, or said too much
 */
export type GitFault = 'failed' | 'missing' | 'timeout' | 'too_large';

/** A git command that gave no result. The message has nothing of the repository's content. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly fault: GitFault;

  constructor(fault: GitFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
