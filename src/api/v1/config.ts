import { setDefaultModel } from '../../core/config/default-model.ts';
import { effectiveSettings } from '../../core/config/effective.ts';
import { ConfigError, loadConfig } from '../../core/config/load.ts';
import { savedConfig } from '../../core/config/saved.ts';
import { describeSystemError } from '../../core/config/system-error.ts';
import { errorCode } from '../../core/rollout/errors.ts';
import { RpcError } from '../../protocol/errors.ts';
import type { Handlers } from '../../rpc/dispatcher.ts';
import { isAboutStorage, storageError } from '../errors.ts';
import type { Services } from '../services.ts';

type Names = 'getUserSavedConfig' | 'getEffectiveConfig' | 'setDefaultModel';

export function configHandlers(services: Services): Pick<Handlers, Names> {
  const { codexHome, files } = services;

  return {
    getUserSavedConfig: () => reading(async () => savedConfig(await loadConfig(codexHome))),

    getEffectiveConfig: () =>
      reading(async () => ({ settings: effectiveSettings(await services.currentConfig()) })),

    async setDefaultModel({ model, reasoningEffort }) {
      const choice = { model: model ?? undefined, reasoningEffort: reasoningEffort ?? undefined };
      try {
        await setDefaultModel(codexHome, choice, files);
        return {};
      } catch (error) {
        throw toWriteError(error);
      }
    },
  };
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new RpcError('internal', error.fileMessage, { reason: 'config_invalid', cause: error });
  }
}

function toWriteError(error: unknown): unknown {
  if (error instanceof ConfigError) {
    if (error.kind === 'unreadable' && isAboutStorage(error))
      return storageError(failed(error.message), error);
    const isConflict = error.kind === 'conflict';
    return new RpcError(isConflict ? 'conflict' : 'internal', failed(error.message), {
      reason: isConflict ? 'config_conflict' : 'config_invalid',
      cause: error,
    });
  }
  return errorCode(error) === undefined ? error : storageError(failed(describeSystemError(error)), error);
}

const failed = (why: string): string => `failed to persist overrides: ${why}`;
