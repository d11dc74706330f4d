import { describe, expect, test } from 'vitest';
import { effectiveSettings } from '../../../src/core/config/effective.ts';
import { parseConfig } from '../../../src/core/config/load.ts';
import { type ResolveInput, resolveProcessConfig } from '../../../src/core/config/resolve.ts';

const settings = async (toml: string, input: Partial<ResolveInput> = {}) =>
  effectiveSettings(
    await resolveProcessConfig({
      file: parseConfig(toml, 'config.toml'),
      cliOverrides: [],
      processCwd: '/',
      env: {},
      ...input,
    }),
  );

describe('the settings in force', () => {
  test('say of each key whether default, file, profile or command line decided', async () => {
    const shown = await settings(
      'model = "a"\nmodel_verbosity = "low"\nprofile = "p"\n[profiles.p]\nmodel = "b"\n[tools]\nweb_search_request = true\n',
      { cliOverrides: [['approval_policy', 'never']] },
    );
    expect(shown).toMatchObject({
      model: { value: 'b', origin: 'profile' },
      model_verbosity: { value: 'low', origin: 'file' },
      approval_policy: { value: 'never', origin: 'cli' },
      sandbox_mode: { value: 'read-only', origin: 'default' },
      model_reasoning_effort: { value: null, origin: 'default' },
      'tools.web_search': { value: true, origin: 'file' },
      'tools.view_image': { value: true, origin: 'default' },
      profile: { value: 'p', origin: 'file' },
      'model_providers.openai.name': { value: 'OpenAI', origin: 'default' },
    });
  });

  test('show members of the sandbox only in the mode that they are for', async () => {
    const table = '[sandbox_workspace_write]\nwritable_roots = ["/a"]\n';
    const key = 'sandbox_workspace_write.writable_roots';
    expect(await settings(table)).not.toHaveProperty([key]);
    const shown = await settings(`sandbox_mode = "workspace-write"\n${table}`);
    expect(shown[key]).toEqual({ value: ['/a'], origin: 'file' });
    expect(shown['sandbox_workspace_write.network_access']).toEqual({ value: false, origin: 'default' });
  });

  test('know an address that the environment gives', async () => {
    const shown = await settings('', { env: { OPENAI_BASE_URL: 'http://localhost:1/' } });
    expect(shown['model_providers.openai.base_url']).toEqual({
      value: 'http://localhost:1',
      origin: 'environment',
    });
  });

  test('tell names of variables, headers and query parameters, but no values, and no password', async () => {
    const shown = await settings(
      `model_provider = "m"
[model_providers.m]
name = "M"
base_url = "https://user:secret@example.test/v1"
http_headers = { authorization = "secret" }
query_params = { key = "secret" }
env_http_headers = { x = "VARIABLE" }
[mcp_servers.s]
command = "run"
env = { TOKEN = "secret" }
[shell_environment_policy]
set = { PASSWORD = "secret" }
`,
    );
    expect(JSON.stringify(shown)).not.toContain('secret');
    expect(shown['mcp_servers.s.env.TOKEN']).toEqual({ value: '[hidden]', origin: 'file' });
    expect(shown['model_providers.m.http_headers.authorization']?.value).toBe('[hidden]');
    expect(shown['model_providers.m.env_http_headers.x']?.value).toBe('VARIABLE');
    expect(shown['model_providers.m.base_url']?.value).toContain('example.test/v1');
  });
});
