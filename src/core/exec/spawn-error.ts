import { getSystemErrorMessage } from 'node:util';

/** A program could not be started. The message is such as `No such file or directory (os error 2)`. */
export class SpawnError extends Error {
  override readonly name: string = 'SpawnError';
  /** Such as `ENOENT`, also for a working directory that does not exist. */
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The argv does not even name a program. */
export class EmptyCommandError extends SpawnError {
  override readonly name = 'EmptyCommandError';
  constructor() {
    super('EINVAL', 'command args are empty');
  }
}

const ENOENT = -2;

/** What the operating system says to a program without a name. */
export function noSuchProgram(): SpawnError {
  return new SpawnError('ENOENT', systemErrorText(ENOENT));
}

/** Puts what the operating system reports into the words of protocol-v1, section 11; other errors come back as they are. */
export function asSpawnError(error: unknown): unknown {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
  return new SpawnError(code, systemErrorText(error.errno), { cause: error });
}

/** @param errno as Node has it, negative */
function systemErrorText(errno: number): string {
  const message = getSystemErrorMessage(errno);
  return `${message.charAt(0).toUpperCase()}${message.slice(1)} (os error ${-errno})`;
}
