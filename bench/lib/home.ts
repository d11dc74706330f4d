import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'smol-toml';

/** Nobody listens there. */
const NO_MODEL = 'http://127.0.0.1:9/v1';

/** A `config.toml` that keeps every contender off the network. */
const configuration = (modelUrl: string): string =>
  stringify({
    model: 'gpt-5',
    model_provider: 'local',
    approval_policy: 'never',
    sandbox_mode: 'danger-full-access',
    check_for_update_on_startup: false,
    analytics: { enabled: false },
    model_providers: {
      local: { name: 'Local', base_url: modelUrl, wire_api: 'responses' },
    },
  });

/**
 * A new `CODEX_HOME` below the system's temporary directory, which is gone after `use`.
 * @param modelUrl base URL of the model's API
 */
export async function withHome<T>(use: (home: string) => Promise<T>, modelUrl = NO_MODEL): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'codexd-bench-'));
  try {
    await writeFile(join(home, 'config.toml'), configuration(modelUrl));
    return await use(home);
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}
