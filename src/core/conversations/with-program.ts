import type { ApprovalRequest } from '../approvals.ts';
import type { Config } from '../config/types.ts';
import { commandEnvironment } from '../exec/environment.ts';
import { findProgram } from '../exec/find-program.ts';
import type { Host } from '../host.ts';

/** Whoever is asked is shown which file a word like `ls` stands for here. */
export async function withProgram(
  request: ApprovalRequest,
  { shellEnvironmentPolicy }: Pick<Config, 'shellEnvironmentPolicy'>,
  { env }: Pick<Host, 'env'>,
): Promise<ApprovalRequest> {
  if (request.kind !== 'exec') return request;
  const { PATH } = commandEnvironment(shellEnvironmentPolicy, env);
  const program = await findProgram(request.command[0] ?? '', PATH, request.cwd);
  return { ...request, ...(program !== undefined && { program }) };
}
