import { stringify, type TomlTable, type TomlValue } from 'smol-toml';
import type { ConfigChange } from './interop-case.ts';

/** `config.toml` of a case: the scripted model without retries, every command allowed, and the case's changes. */
export function configFile(modelUrl: string, change: ConfigChange): string {
  return stringify(merge(defaults(modelUrl), change));
}

function defaults(modelUrl: string): TomlTable {
  return {
    model: 'gpt-5',
    model_provider: 'scripted',
    approval_policy: 'never',
    sandbox_mode: 'danger-full-access',
    model_providers: {
      scripted: {
        name: 'Scripted',
        base_url: modelUrl,
        wire_api: 'responses',
        request_max_retries: 0,
        stream_max_retries: 0,
      },
    },
  };
}

function merge(base: TomlTable, change: ConfigChange): TomlTable {
  const merged: TomlTable = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const old = merged[key];
    if (value === null) delete merged[key];
    else if (isChange(value)) merged[key] = merge(isTable(old) ? old : {}, value);
    else merged[key] = value;
  }
  return merged;
}

function isChange(value: ConfigChange[string]): value is ConfigChange {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);
}
