import { OneOffError, runOneOff } from '../../core/exec/one-off.ts';
import { RpcError } from '../../protocol/errors.ts';
import type { Handlers } from '../../rpc/dispatcher.ts';
import type { Services } from '../services.ts';
import { whileAwaited } from '../while-awaited.ts';

/** One-off commands that may run at once (SEC-FLOOD-1). */
const MAX_RUNNING = 256;

export function execHandlers(services: Services): Pick<Handlers, 'execOneOffCommand'> {
  const { daemonConfig: config, host, closing, log } = services;
  let running = 0;

  return {
    async execOneOffCommand({ command, timeoutMs, cwd, sandboxPolicy }, context) {
      if (command.length === 0) throw new RpcError('invalidRequest', 'command must not be empty');
      if (running >= MAX_RUNNING) throw tooMany();
      log.info({ command, cwd: cwd ?? undefined, client: context.client.id }, 'a client runs a command');
      const call = {
        command,
        cwd: cwd ?? undefined,
        timeoutMs: timeoutMs ?? undefined,
        policy: sandboxPolicy ?? undefined,
      };
      const signal = whileAwaited(context, closing);
      running += 1;
      try {
        return await runOneOff(call, { config, host, signal, sandbox: await services.sandbox() });
      } catch (error) {
        if (!(error instanceof OneOffError)) throw error;
        throw new RpcError('internal', error.message, { reason: error.reason, cause: error });
      } finally {
        running -= 1;
      }
    },
  };
}

const tooMany = (): RpcError =>
  new RpcError('overloaded', `${MAX_RUNNING} commands of clients are running already`, {
    reason: 'too_many_commands',
  });
