import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/core/config/load.ts';
import { savedConfig } from '../../../src/core/config/saved.ts';

const onTheWire = (toml: string) => JSON.parse(JSON.stringify(savedConfig(parseConfig(toml, 'config.toml'))));

const NO_PROFILE_VALUES = {
  model: null,
  modelProvider: null,
  approvalPolicy: null,
  modelReasoningEffort: null,
  modelReasoningSummary: null,
  modelVerbosity: null,
  chatgptBaseUrl: null,
};

describe('savedConfig', () => {
  test('of nothing has no profiles and nothing else', () => {
    expect(onTheWire('')).toEqual({ config: { profiles: {} } });
  });

  test('shows empty tables with their members, as observed', () => {
    expect(onTheWire('[tools]\n[sandbox_workspace_write]\n[profiles.a]\n')).toEqual({
      config: {
        sandboxSettings: {
          writableRoots: [],
          networkAccess: false,
          excludeTmpdirEnvVar: false,
          excludeSlashTmp: false,
        },
        tools: {},
        profiles: { a: NO_PROFILE_VALUES },
      },
    });
  });

  test('shows the alias of web_search under its own name', () => {
    expect(onTheWire('[tools]\nweb_search_request = true\n').config.tools).toEqual({ webSearch: true });
  });

  test('neither applies a profile nor minds that it is unknown', () => {
    expect(onTheWire('profile = "nope"\nmodel_provider = "nope"\n')).toEqual({
      config: { profile: 'nope', profiles: {} },
    });
  });

  test('maps every key', () => {
    const toml = `model = "gpt-5"
approval_policy = "on-request"
sandbox_mode = "workspace-write"
model_reasoning_effort = "medium"
model_reasoning_summary = "concise"
model_verbosity = "low"
profile = "fast"
hide_agent_reasoning = true
unknown_key = "kept"
[sandbox_workspace_write]
writable_roots = ["/tmp/a"]
network_access = true
exclude_tmpdir_env_var = true
exclude_slash_tmp = true
[tools]
web_search = true
view_image = false
[profiles.fast]
model = "o3"
model_provider = "m"
approval_policy = "never"
model_reasoning_effort = "low"
model_reasoning_summary = "none"
model_verbosity = "high"
chatgpt_base_url = "https://example.test/x"
[profiles.slow]
model = "gpt-4.1"
`;
    expect(onTheWire(toml)).toEqual({
      config: {
        approvalPolicy: 'on-request',
        sandboxMode: 'workspace-write',
        sandboxSettings: {
          writableRoots: ['/tmp/a'],
          networkAccess: true,
          excludeTmpdirEnvVar: true,
          excludeSlashTmp: true,
        },
        model: 'gpt-5',
        modelReasoningEffort: 'medium',
        modelReasoningSummary: 'concise',
        modelVerbosity: 'low',
        tools: { webSearch: true, viewImage: false },
        profile: 'fast',
        profiles: {
          fast: {
            model: 'o3',
            modelProvider: 'm',
            approvalPolicy: 'never',
            modelReasoningEffort: 'low',
            modelReasoningSummary: 'none',
            modelVerbosity: 'high',
            chatgptBaseUrl: 'https://example.test/x',
          },
          slow: { ...NO_PROFILE_VALUES, model: 'gpt-4.1' },
        },
      },
    });
  });

  test('of a wrong type names the key', () => {
    expect(() => onTheWire('model = 5')).toThrow('expected a string\nin `model`');
  });
});
