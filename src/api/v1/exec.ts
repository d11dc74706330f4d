import { OneOffError, runOneOff } from '../../core/exec/one-off.ts';
import { RpcError } from '../../protocol/errors.ts';
import type { Handlers } from '../../rpc/dispatcher.ts';
import type { Services } from '../services.ts';

export function execHandlers(services: Services): Pick<Handlers, 'execOneOffCommand'> {
  const { daemonConfig, host } = services;

  return {
    async execOneOffCommand({ command, timeoutMs, cwd, sandboxPolicy }) {
      if (command.length === 0) throw new RpcError('invalidRequest', 'command must not be empty');
      const policy = sandboxPolicy ?? daemonConfig.sandboxPolicy;
      if (policy.mode !== 'danger-full-access') {
        throw new RpcError(
          'invalidRequest',
          `the ${policy.mode} sandbox is not available: the command was not run`,
          {
            reason: 'sandbox_unavailable',
          },
        );
      }
      try {
        return await runOneOff(
          { command, cwd: cwd ?? undefined, timeoutMs: timeoutMs ?? undefined },
          daemonConfig,
          host,
          services.closing,
        );
      } catch (error) {
        if (!(error instanceof OneOffError)) throw error;
        throw new RpcError('internal', error.message, { reason: 'exec_failed', cause: error });
      }
    },
  };
}
