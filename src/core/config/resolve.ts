import path from 'node:path';
import type { ApprovalPolicy, SandboxMode, SandboxPolicy } from '../../protocol/vocabulary/policies.ts';
import { readInstructions } from './instructions.ts';
import { mergeLayers } from './layers.ts';
import { ConfigError } from './load.ts';
import type { Override } from './overrides.ts';
import { DEFAULT_PROVIDER, requireUsable, selectProvider } from './providers.ts';
import {
  type ConfigToml,
  type McpServerToml,
  type ProfileToml,
  parseSettings,
  type SandboxWorkspaceWriteToml,
  type ShellEnvironmentPolicyToml,
} from './schema.ts';
import type { ConfigTable } from './table.ts';
import { toTimerMs } from './timer.ts';
import type { Config, McpServer, ModelProvider, Origin, ShellEnvironmentPolicy } from './types.ts';

/** What a client asks for one conversation; `null` counts as left out. */
export interface ConversationSettings {
  readonly model?: string | null | undefined;
  readonly profile?: string | null | undefined;
  readonly cwd?: string | null | undefined;
  readonly approvalPolicy?: ApprovalPolicy | null | undefined;
  readonly sandbox?: SandboxMode | null | undefined;
  /** Dotted keys of `config.toml`; a table given as value replaces the one that is there. */
  readonly config?: Readonly<Record<string, unknown>> | null | undefined;
  readonly baseInstructions?: string | null | undefined;
  readonly includePlanTool?: boolean | null | undefined;
  readonly includeApplyPatchTool?: boolean | null | undefined;
}

export interface ResolveInput {
  /** `config.toml` as `loadConfig` gave it. */
  readonly file: ConfigTable;
  readonly cliOverrides: readonly Override[];
  /** The `--profile` flag; beats the `profile` key, yields to the param. */
  readonly profile?: string | undefined;
  /** Provider that the daemon was started for; beats every other choice of one. */
  readonly modelProvider?: string | undefined;
  readonly extraProviders?: Readonly<Record<string, ModelProvider>> | undefined;
  readonly params?: ConversationSettings | undefined;
  /** Absolute; where a relative `cwd` starts. */
  readonly processCwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Settings of one conversation. Lowest first: defaults, `config.toml` with `-c` and then the `config` param merged into
 * it, the profile, the other params (protocol-v1, section 19.1). So a profile beats `-c` for a key that both set;
 * `-c profiles.NAME.KEY=…` reaches into the profile. Throws `ConfigError`, also for a provider that cannot be used.
 */
export async function resolveConfig(input: ResolveInput): Promise<Config> {
  const config = await resolveProcessConfig(input);
  requireUsable(config.modelProvider);
  return config;
}

/** The same for what needs no model, like one-off commands: the provider must exist but need not be usable. */
export async function resolveProcessConfig(input: ResolveInput): Promise<Config> {
  const params = input.params ?? {};
  const { table, origins } = mergeLayers(input.file, input.cliOverrides, Object.entries(params.config ?? {}));
  const topLevel = parseSettings(table);
  const profileName = params.profile ?? input.profile ?? topLevel.profile;
  const profile = selectProfile(topLevel.profiles, profileName);
  const settings = { ...topLevel, ...profile };
  const cwd = path.resolve(input.processCwd, params.cwd ?? '');
  return {
    ...modelSettings(settings, input, params),
    ...toolSettings(settings, params),
    ...(await instructionSettings(settings, params, cwd)),
    approvalPolicy: params.approvalPolicy ?? settings.approval_policy ?? 'on-request',
    sandboxPolicy: sandboxPolicy(params.sandbox ?? settings.sandbox_mode, settings.sandbox_workspace_write),
    shellEnvironmentPolicy: shellEnvironmentPolicy(settings.shell_environment_policy ?? {}),
    cwd,
    notify: settings.notify?.length ? settings.notify : undefined,
    showRawAgentReasoning: settings.show_raw_agent_reasoning ?? false,
    durability: settings.durability ?? 'normal',
    profile: profileName,
    chatgptBaseUrl: settings.chatgpt_base_url,
    forcedLoginMethod: settings.forced_login_method,
    origins: withChoices(origins, profile, input, params),
  };
}

function selectProfile(profiles: ConfigToml['profiles'] = {}, name: string | undefined): ProfileToml {
  if (name === undefined) return {};
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile !== undefined) return profile;
  throw new ConfigError('value', `config profile \`${name}\` not found`, { key: `profiles.${name}` });
}

function modelSettings(settings: ConfigToml, input: ResolveInput, params: ConversationSettings) {
  const provider = input.modelProvider ?? settings.model_provider ?? DEFAULT_PROVIDER;
  return {
    model: params.model ?? settings.model ?? 'gpt-5',
    modelProvider: selectProvider(provider, {
      defined: settings.model_providers,
      extra: input.extraProviders,
      env: input.env,
    }),
    modelContextWindow: settings.model_context_window,
    modelAutoCompactTokenLimit: settings.model_auto_compact_token_limit,
    modelReasoningEffort: settings.model_reasoning_effort,
    modelReasoningSummary: settings.model_reasoning_summary ?? 'auto',
    modelVerbosity: settings.model_verbosity,
    modelSupportsReasoningSummaries: settings.model_supports_reasoning_summaries ?? false,
  } satisfies Partial<Config>;
}

function toolSettings(settings: ConfigToml, params: ConversationSettings) {
  return {
    includePlanTool: params.includePlanTool ?? false,
    includeApplyPatchTool: params.includeApplyPatchTool ?? false,
    includeViewImageTool: settings.tools?.view_image ?? true,
    webSearch: settings.tools?.web_search ?? false,
    experimentalExecCommandTool: settings.experimental_use_exec_command_tool ?? false,
    experimentalUnifiedExecTool: settings.experimental_use_unified_exec_tool ?? false,
    mcpServers: mapValues(settings.mcp_servers ?? {}, mcpServer),
  } satisfies Partial<Config>;
}

/** The file is read even when the param beats it: a broken setting is an error, as in the reference. */
async function instructionSettings(settings: ConfigToml, params: ConversationSettings, cwd: string) {
  const file = settings.experimental_instructions_file;
  const fromFile = file === undefined ? undefined : await readInstructions(file, cwd);
  return {
    baseInstructions: params.baseInstructions ?? fromFile,
    projectDocMaxBytes: settings.project_doc_max_bytes ?? 32_768,
  } satisfies Partial<Config>;
}

const NO_EXTRA_ACCESS: SandboxWorkspaceWriteToml = {
  writable_roots: [],
  network_access: false,
  exclude_tmpdir_env_var: false,
  exclude_slash_tmp: false,
};

/** Empty `writable_roots` are left out, as the rollout of the reference shows. */
function sandboxPolicy(mode: SandboxMode = 'read-only', toml = NO_EXTRA_ACCESS): SandboxPolicy {
  if (mode !== 'workspace-write') return { mode };
  const { writable_roots, ...access } = toml;
  return { mode, ...(writable_roots.length > 0 ? { writable_roots } : {}), ...access };
}

function shellEnvironmentPolicy(toml: ShellEnvironmentPolicyToml): ShellEnvironmentPolicy {
  return {
    inherit: toml.inherit ?? 'all',
    ignoreDefaultExcludes: toml.ignore_default_excludes ?? false,
    exclude: toml.exclude ?? [],
    set: toml.set ?? {},
    includeOnly: toml.include_only ?? [],
  };
}

function mcpServer(toml: McpServerToml): McpServer {
  return {
    command: toml.command,
    args: toml.args ?? [],
    env: toml.env ?? {},
    startupTimeoutMs: toTimerMs(toml.startup_timeout_ms ?? 10_000),
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** Adds to the origins what a profile, a flag or a param decided. */
function withChoices(
  origins: ReadonlyMap<string, Origin>,
  profile: ProfileToml,
  input: ResolveInput,
  params: ConversationSettings,
): ReadonlyMap<string, Origin> {
  const choices: [key: string, value: unknown, origin: Origin][] = [
    ...Object.entries(profile).map(([key, value]): [string, unknown, Origin] => [key, value, 'profile']),
    ['profile', input.profile, 'cli'],
    ['model_provider', input.modelProvider, 'cli'],
    ['profile', params.profile, 'param'],
    ['model', params.model, 'param'],
    ['approval_policy', params.approvalPolicy, 'param'],
    ['sandbox_mode', params.sandbox, 'param'],
  ];
  const made = choices.filter(([, value]) => value !== undefined && value !== null);
  return new Map([...origins, ...made.map(([key, , origin]) => [key, origin] as const)]);
}
