import type { SandboxPolicy } from '../../protocol/vocabulary/policies.ts';
import { DEFAULT_PROVIDER } from './providers.ts';
import type { Config, McpServer, ModelProvider, Origin } from './types.ts';

type Value = string | number | boolean | readonly string[];

/** A value in force and its source; `null` when it is not set and has no default. */
export interface EffectiveSetting {
  readonly value: Value | null;
  readonly origin: Origin | 'environment';
}

/**
 * The settings in force by their dotted keys in `config.toml`. Of variables, headers and query parameters, which may be
 * secrets, only the names are shown.
 */
export function effectiveSettings(config: Config): Record<string, EffectiveSetting> {
  return Object.fromEntries(
    leaves(toTree(config)).map(([key, value]) => [
      key,
      { value: value ?? null, origin: originOf(key, config) },
    ]),
  );
}

function originOf(key: string, { origins }: Config): EffectiveSetting['origin'] {
  return origins.get(key) ?? origins.get(OTHER_NAMES[key] ?? key) ?? ORIGINS_OF_BUILT_IN[key] ?? 'default';
}

const OTHER_NAMES: Readonly<Record<string, string>> = { 'tools.web_search': 'tools.web_search_request' };

const ORIGINS_OF_BUILT_IN: Readonly<Record<string, 'environment'>> = {
  [`model_providers.${DEFAULT_PROVIDER}.base_url`]: 'environment',
};

interface Tree {
  readonly [key: string]: Value | Tree | undefined;
}

function leaves(tree: Tree, prefix = ''): [key: string, value: Value | undefined][] {
  return Object.entries(tree).flatMap(([key, value]): [string, Value | undefined][] =>
    isTree(value) ? leaves(value, `${prefix}${key}.`) : [[prefix + key, value]],
  );
}

function isTree(value: Value | Tree | undefined): value is Tree {
  return typeof value === 'object' && !Array.isArray(value);
}

function toTree(config: Config): Tree {
  return {
    ...modelTree(config),
    ...policyTree(config),
    ...toolTree(config),
    chatgpt_base_url: config.chatgptBaseUrl,
    durability: config.durability,
    forced_login_method: config.forcedLoginMethod,
    notify: config.notify,
    profile: config.profile,
    project_doc_max_bytes: config.projectDocMaxBytes,
    show_raw_agent_reasoning: config.showRawAgentReasoning,
  };
}

function modelTree(config: Config): Tree {
  return {
    model: config.model,
    model_auto_compact_token_limit: config.modelAutoCompactTokenLimit,
    model_context_window: config.modelContextWindow,
    model_provider: config.modelProvider.id,
    model_providers: { [config.modelProvider.id]: providerTree(config.modelProvider) },
    model_reasoning_effort: config.modelReasoningEffort,
    model_reasoning_summary: config.modelReasoningSummary,
    model_supports_reasoning_summaries: config.modelSupportsReasoningSummaries,
    model_verbosity: config.modelVerbosity,
  };
}

function providerTree(provider: ModelProvider): Tree {
  return {
    name: provider.name,
    base_url: withoutPassword(provider.baseUrl),
    env_http_headers: provider.envHttpHeaders,
    env_key: provider.envKey,
    http_headers: namesOf(provider.httpHeaders),
    query_params: namesOf(provider.queryParams),
    request_max_retries: provider.requestMaxRetries,
    requires_openai_auth: provider.requiresOpenaiAuth,
    stream_idle_timeout_ms: provider.streamIdleTimeoutMs,
    stream_max_retries: provider.streamMaxRetries,
    wire_api: provider.wireApi,
  };
}

function policyTree({ approvalPolicy, sandboxPolicy, shellEnvironmentPolicy: shell }: Config): Tree {
  return {
    approval_policy: approvalPolicy,
    sandbox_mode: sandboxPolicy.mode,
    sandbox_workspace_write: workspaceTree(sandboxPolicy),
    shell_environment_policy: {
      exclude: shell.exclude,
      ignore_default_excludes: shell.ignoreDefaultExcludes,
      include_only: shell.includeOnly,
      inherit: shell.inherit,
      set: namesOf(shell.set),
    },
  };
}

/** Only where the mode is the one that they are for. */
function workspaceTree(policy: SandboxPolicy): Tree {
  if (policy.mode !== 'workspace-write') return {};
  const { mode: _mode, writable_roots = [], ...access } = policy;
  return { writable_roots, ...access };
}

function toolTree(config: Config): Tree {
  return {
    experimental_use_exec_command_tool: config.experimentalExecCommandTool,
    experimental_use_unified_exec_tool: config.experimentalUnifiedExecTool,
    mcp_servers: Object.fromEntries(
      Object.entries(config.mcpServers).map(([name, server]) => [name, serverTree(server)]),
    ),
    tools: { view_image: config.includeViewImageTool, web_search: config.webSearch },
  };
}

function serverTree({ command, args, env, startupTimeoutMs }: McpServer): Tree {
  return { command, args, env: namesOf(env), startup_timeout_ms: startupTimeoutMs };
}

const HIDDEN = '[hidden]';

function namesOf(values: Readonly<Record<string, string>>): Tree {
  return Object.fromEntries(Object.keys(values).map((name) => [name, HIDDEN]));
}

function withoutPassword(address: string | undefined): string | undefined {
  const url = address === undefined ? null : URL.parse(address);
  if (url === null || url.password === '') return address;
  url.password = HIDDEN;
  return url.href;
}
