import { ConfigError } from '../core/config/load.ts';
import { OperatorError, systemErrorCode } from '../daemon/operator-error.ts';
import { findPortOwner } from '../daemon/owner.ts';

/**
 * Says in words what keeps the daemon from starting and who is in the way.
 *
 * @returns the error itself when the person at the command line cannot mend it
 */
export async function explainStartError(error: unknown): Promise<unknown> {
  if (error instanceof ConfigError) return new OperatorError(error.message, { cause: error });
  if (!(error instanceof Error) || !('port' in error) || typeof error.port !== 'number') return error;
  const code = systemErrorCode(error);
  if (code === 'EADDRINUSE') return new OperatorError(await describeTaken(error.port), { cause: error });
  if (code === 'EACCES') {
    return new OperatorError(`Listening on port ${error.port} is not permitted.`, { cause: error });
  }
  return error;
}

async function describeTaken(port: number): Promise<string> {
  const owner = await findPortOwner(port);
  const who =
    owner === undefined ? 'another program' : `the codexd of another CODEX_HOME (process ${owner.pid})`;
  return `Port ${port} is taken by ${who}. Choose another one with --port, or --port 0 for a free one.`;
}
