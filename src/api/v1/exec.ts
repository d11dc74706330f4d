import { OneOffError, runOneOff } from '../../core/exec/one-off.ts';
import { RpcError } from '../../protocol/errors.ts';
import type { Handlers } from '../../rpc/dispatcher.ts';
import type { Services } from '../services.ts';

export function execHandlers(services: Services): Pick<Handlers, 'execOneOffCommand'> {
  const { daemonConfig: config, host, closing: signal } = services;

  return {
    async execOneOffCommand({ command, timeoutMs, cwd, sandboxPolicy }) {
      if (command.length === 0) throw new RpcError('invalidRequest', 'command must not be empty');
      const call = {
        command,
        cwd: cwd ?? undefined,
        timeoutMs: timeoutMs ?? undefined,
        policy: sandboxPolicy ?? undefined,
      };
      try {
        return await runOneOff(call, { config, host, signal, sandbox: await services.sandbox });
      } catch (error) {
        if (!(error instanceof OneOffError)) throw error;
        throw new RpcError('internal', error.message, { reason: error.reason, cause: error });
      }
    },
  };
}
