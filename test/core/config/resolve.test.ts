import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/core/config/load.ts';
import type { Override } from '../../../src/core/config/overrides.ts';
import {
  type ConversationSettings,
  type ResolveInput,
  resolveConfig,
} from '../../../src/core/config/resolve.ts';
import type { Origin } from '../../../src/core/config/types.ts';

interface Given extends Partial<Omit<ResolveInput, 'file'>> {
  toml?: string;
}

function resolve({ toml = '', ...given }: Given = {}) {
  return resolveConfig({
    file: parseConfig(toml, 'config.toml'),
    cliOverrides: [],
    processCwd: '/daemon',
    env: {},
    ...given,
  });
}

describe('without any setting', () => {
  test('the defaults of the reference hold', async () => {
    expect(await resolve()).toMatchObject({
      model: 'gpt-5',
      modelProvider: { id: 'openai' },
      modelContextWindow: undefined,
      modelReasoningEffort: undefined,
      modelReasoningSummary: 'auto',
      modelVerbosity: undefined,
      modelSupportsReasoningSummaries: false,
      approvalPolicy: 'on-request',
      sandboxPolicy: { mode: 'read-only' },
      shellEnvironmentPolicy: {
        inherit: 'all',
        ignoreDefaultExcludes: false,
        exclude: [],
        set: {},
        includeOnly: [],
      },
      cwd: '/daemon',
      baseInstructions: undefined,
      includePlanTool: false,
      includeApplyPatchTool: false,
      includeViewImageTool: true,
      webSearch: false,
      mcpServers: {},
      notify: undefined,
      projectDocMaxBytes: 32_768,
      profile: undefined,
    });
  });

  test('no key has an origin', async () => {
    expect([...(await resolve()).origins]).toEqual([]);
  });
});

describe('precedence', () => {
  /** Each layer sets the model to its own name. */
  const LAYERS: Record<Exclude<Origin, 'default'>, (given: Required<Layered>) => void> = {
    file: (given) => given.lines.push('model = "file"'),
    cli: (given) => given.cliOverrides.push(['model', 'cli']),
    'config-param': (given) => (given.params.config = { model: 'config-param' }),
    profile: (given) => {
      given.tables.push('[profiles.p]', 'model = "profile"');
      given.profile = 'p';
    },
    param: (given) => (given.params.model = 'param'),
  };
  interface Layered {
    lines: string[];
    tables: string[];
    cliOverrides: Override[];
    profile: string | undefined;
    params: { -readonly [K in keyof ConversationSettings]: ConversationSettings[K] };
  }
  const ORDER = Object.keys(LAYERS) as (keyof typeof LAYERS)[];
  const pairs = ORDER.flatMap((lower, index) =>
    ORDER.slice(index + 1).map((higher) => [lower, higher] as const),
  );

  function settings(...names: (keyof typeof LAYERS)[]): Given {
    const given: Required<Layered> = {
      lines: [],
      tables: [],
      cliOverrides: [],
      profile: undefined,
      params: {},
    };
    for (const name of names) LAYERS[name](given);
    const { lines, tables, ...rest } = given;
    return { ...rest, toml: [...lines, ...tables].join('\n') };
  }

  test.each(ORDER)('%s beats the default', async (layer) => {
    const config = await resolve(settings(layer));
    expect(config.model).toBe(layer);
    expect(config.origins.get('model')).toBe(layer);
  });

  test.each(pairs)('%s yields to %s', async (lower, higher) => {
    const config = await resolve(settings(lower, higher));
    expect(config.model).toBe(higher);
    expect(config.origins.get('model')).toBe(higher);
  });

  test('an override of a profile key reaches the profile, as observed', async () => {
    const given = settings('profile');
    expect((await resolve({ ...given, cliOverrides: [['profiles.p.model', 'o3']] })).model).toBe('o3');
    expect((await resolve({ ...given, params: { config: { 'profiles.p.model': 'o4' } } })).model).toBe('o4');
  });

  test('a null param counts as left out', async () => {
    const params = {
      model: null,
      profile: null,
      cwd: null,
      approvalPolicy: null,
      sandbox: null,
      config: null,
    };
    const config = await resolve({ toml: 'model = "file"', params });
    expect(config.model).toBe('file');
    expect(config.origins.get('model')).toBe('file');
  });

  test('explicit policies beat those of file and profile', async () => {
    const toml =
      'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n[profiles.p]\napproval_policy = "on-failure"\n';
    const fromProfile = await resolve({ toml, profile: 'p' });
    expect(fromProfile).toMatchObject({
      approvalPolicy: 'on-failure',
      sandboxPolicy: { mode: 'danger-full-access' },
    });
    const params = { approvalPolicy: 'untrusted', sandbox: 'read-only' } as const;
    const explicit = await resolve({ toml, profile: 'p', params });
    expect(explicit).toMatchObject({ approvalPolicy: 'untrusted', sandboxPolicy: { mode: 'read-only' } });
  });
});

describe('keys', () => {
  test.each([
    ['model_context_window = 5', { modelContextWindow: 5 }],
    ['model_auto_compact_token_limit = -1', { modelAutoCompactTokenLimit: -1 }],
    ['model_reasoning_effort = "minimal"', { modelReasoningEffort: 'minimal' }],
    ['model_reasoning_summary = "none"', { modelReasoningSummary: 'none' }],
    ['model_verbosity = "high"', { modelVerbosity: 'high' }],
    ['model_supports_reasoning_summaries = true', { modelSupportsReasoningSummaries: true }],
    ['tools = { web_search = true, view_image = false }', { webSearch: true, includeViewImageTool: false }],
    ['experimental_use_exec_command_tool = true', { experimentalExecCommandTool: true }],
    ['experimental_use_unified_exec_tool = true', { experimentalUnifiedExecTool: true }],
    ['notify = ["prog", "arg"]', { notify: ['prog', 'arg'] }],
    ['notify = []', { notify: undefined }],
    ['show_raw_agent_reasoning = true', { showRawAgentReasoning: true }],
    ['project_doc_max_bytes = 0', { projectDocMaxBytes: 0 }],
    ['chatgpt_base_url = "https://x.test"', { chatgptBaseUrl: 'https://x.test' }],
    [
      '[mcp_servers.a]\ncommand = "x"',
      { mcpServers: { a: { command: 'x', args: [], env: {}, startupTimeoutMs: 10_000 } } },
    ],
    [
      '[mcp_servers.a]\ncommand = "x"\nargs = ["y"]\nenv = { Z = "1" }\nstartup_timeout_ms = 99999999999',
      { mcpServers: { a: { command: 'x', args: ['y'], env: { Z: '1' }, startupTimeoutMs: 2 ** 31 - 1 } } },
    ],
    [
      '[shell_environment_policy]\ninherit = "core"\nignore_default_excludes = true\nexclude = ["A*"]\nset = { B = "1" }\ninclude_only = ["C"]',
      {
        shellEnvironmentPolicy: {
          inherit: 'core',
          ignoreDefaultExcludes: true,
          exclude: ['A*'],
          set: { B: '1' },
          includeOnly: ['C'],
        },
      },
    ],
  ])('%j takes effect', async (toml, expected) => {
    expect(await resolve({ toml })).toMatchObject(expected);
  });

  test('a profile sets each of its keys and no other', async () => {
    const toml = `sandbox_mode = "read-only"
[model_providers.m]
name = "M"
base_url = "http://127.0.0.1:1/v1"
wire_api = "responses"
[profiles.p]
model = "o3"
model_provider = "m"
approval_policy = "never"
model_reasoning_effort = "low"
model_reasoning_summary = "none"
model_verbosity = "high"
chatgpt_base_url = "https://x.test"
sandbox_mode = "workspace-write"
model_context_window = 9`;
    const config = await resolve({ toml, params: { profile: 'p' } });
    expect(config).toMatchObject({
      profile: 'p',
      model: 'o3',
      modelProvider: { id: 'm' },
      approvalPolicy: 'never',
      modelReasoningEffort: 'low',
      modelReasoningSummary: 'none',
      modelVerbosity: 'high',
      chatgptBaseUrl: 'https://x.test',
      sandboxPolicy: { mode: 'read-only' },
      modelContextWindow: undefined,
    });
  });

  test('include_plan_tool is a param only, not a key, as observed', async () => {
    expect((await resolve({ toml: 'include_plan_tool = true' })).includePlanTool).toBe(false);
    const params = { includePlanTool: true, includeApplyPatchTool: true };
    expect(await resolve({ params })).toMatchObject(params);
  });

  test('workspace-write shows its three switches, and writable roots only when there are any, as observed', async () => {
    const switches = { network_access: false, exclude_tmpdir_env_var: false, exclude_slash_tmp: false };
    const plain = await resolve({ params: { sandbox: 'workspace-write' } });
    expect(plain.sandboxPolicy).toStrictEqual({ mode: 'workspace-write', ...switches });
    const toml =
      'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nwritable_roots = ["rel", "/abs"]\nnetwork_access = true\n';
    expect((await resolve({ toml })).sandboxPolicy).toStrictEqual({
      mode: 'workspace-write',
      writable_roots: ['rel', '/abs'],
      ...switches,
      network_access: true,
    });
  });

  test('a trusted project changes no policy, as observed', async () => {
    const config = await resolve({ toml: '[projects."/daemon"]\ntrust_level = "trusted"\n' });
    expect(config).toMatchObject({ approvalPolicy: 'on-request', sandboxPolicy: { mode: 'read-only' } });
  });

  test.each([
    ['sub/x', '/daemon/sub/x'],
    ['/elsewhere', '/elsewhere'],
    ['', '/daemon'],
  ])('cwd %j is %s', async (cwd, absolute) => {
    expect((await resolve({ params: { cwd } })).cwd).toBe(absolute);
  });
});

describe('profiles', () => {
  const toml =
    'profile = "top"\n[profiles.top]\nmodel = "top"\n[profiles.flag]\nmodel = "flag"\n[profiles.param]\nmodel = "param"\n';

  test('the param beats the flag, the flag beats the key', async () => {
    const names = async (given: Given) => {
      const { profile, model, origins } = await resolve({ toml, ...given });
      return [profile, model, origins.get('profile')];
    };
    expect(await names({})).toEqual(['top', 'top', 'file']);
    expect(await names({ cliOverrides: [['profile', 'param']] })).toEqual(['param', 'param', 'cli']);
    expect(await names({ params: { config: { profile: 'flag' } } })).toEqual([
      'flag',
      'flag',
      'config-param',
    ]);
    expect(await names({ profile: 'flag' })).toEqual(['flag', 'flag', 'cli']);
    expect(await names({ profile: 'flag', params: { profile: 'param' } })).toEqual([
      'param',
      'param',
      'param',
    ]);
  });

  test.each([
    ['nope', 'config profile `nope` not found'],
    ['', 'config profile `` not found'],
    ['constructor', 'config profile `constructor` not found'],
    ['__proto__', 'config profile `__proto__` not found'],
  ])('an unknown profile %j is an error', async (profile, message) => {
    await expect(resolve({ toml, params: { profile } })).rejects.toMatchObject({
      name: 'ConfigError',
      kind: 'value',
      message,
    });
    await expect(resolve({ toml: `profile = "${profile}"` })).rejects.toMatchObject({ message });
  });
});

describe('origins', () => {
  test('each key names the last layer that wrote it or a table around it', async () => {
    const toml =
      'model = "a"\nunknown = 1\n[tools]\nweb_search = true\nview_image = true\n[profiles.p]\nmodel_verbosity = "low"\n';
    const { origins } = await resolve({
      toml,
      profile: 'p',
      cliOverrides: [['tools', { web_search: false, view_image: true }]],
      params: { config: { 'tools.view_image': false }, approvalPolicy: 'never' },
    });
    expect(Object.fromEntries(origins)).toEqual({
      model: 'file',
      unknown: 'file',
      'tools.web_search': 'cli',
      'tools.view_image': 'config-param',
      'profiles.p.model_verbosity': 'file',
      model_verbosity: 'profile',
      profile: 'cli',
      approval_policy: 'param',
    });
  });

  test('a table that replaces another one hides what an earlier override wrote inside', async () => {
    const cliOverrides: Override[] = [['tools.web_search', true]];
    const { origins, webSearch } = await resolve({
      cliOverrides,
      params: { config: { tools: { view_image: true } } },
    });
    expect(webSearch).toBe(false);
    expect(Object.fromEntries(origins)).toEqual({ 'tools.view_image': 'config-param' });
  });
});

describe('bad overrides', () => {
  test.each([
    [{ model: 5 }, 'invalid type: integer `5`, expected a string\nin `model`\n'],
    [{ 'model.x': 5 }, 'invalid type: map, expected a string\nin `model`\n'],
    [{ model: null }, 'invalid type: null, expected a string\nin `model`\n'],
  ])('the config param %j is refused by name', async (config, message) => {
    await expect(resolve({ params: { config } })).rejects.toMatchObject({ kind: 'type', message });
  });

  test.each([[{ '': 5 }], [{ 'a..b': 5 }], [{ '__proto__.model': 'x' }]])(
    'the config param %j is ignored',
    async (config) => {
      expect((await resolve({ params: { config } })).model).toBe('gpt-5');
    },
  );
});

describe('experimental_instructions_file', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(path.join(os.tmpdir(), 'config-instructions-'));
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));
  const toml = 'experimental_instructions_file = "i.md"';

  test('is read from the cwd and trimmed, as observed, and yields to the param', async () => {
    await writeFile(path.join(cwd, 'i.md'), '\n  Be brief. \n');
    expect((await resolve({ toml, params: { cwd } })).baseInstructions).toBe('Be brief.');
    expect((await resolve({ toml, processCwd: cwd })).baseInstructions).toBe('Be brief.');
    const explicit = await resolve({ toml, params: { cwd, baseInstructions: ' mine ' } });
    expect(explicit.baseInstructions).toBe(' mine ');
  });

  test('of a profile beats the one of the top level', async () => {
    await writeFile(path.join(cwd, 'j.md'), 'J');
    const both = `${toml}\n[profiles.p]\nexperimental_instructions_file = "j.md"`;
    expect((await resolve({ toml: both, profile: 'p', params: { cwd } })).baseInstructions).toBe('J');
  });

  test('is an error when missing, empty or not text, even under the param, as observed', async () => {
    const file = path.join(cwd, 'i.md');
    const message = () =>
      resolve({ toml, params: { cwd, baseInstructions: 'mine' } }).then(
        () => 'accepted',
        (error: Error) => error.message,
      );
    const prefix = `failed to read experimental instructions file ${file}: `;
    expect(await message()).toBe(`${prefix}No such file or directory (os error 2)`);
    await writeFile(file, ' \n');
    expect(await message()).toBe(`experimental instructions file is empty: ${file}`);
    await writeFile(file, Uint8Array.of(0xff, 0xfe));
    expect(await message()).toBe(`${prefix}stream did not contain valid UTF-8`);
  });
});
