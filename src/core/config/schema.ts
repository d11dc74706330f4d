import { z } from 'zod';
import {
  ApprovalPolicy,
  ReasoningEffort,
  ReasoningSummary,
  SandboxMode,
  Verbosity,
} from '../../protocol/vocabulary/policies.ts';
import { schemaError } from './schema-error.ts';
import type { ConfigTable } from './table.ts';

const text = z.string().optional();
const flag = z.boolean().optional();
const count = z.int().min(0).optional();
const texts = z.array(z.string()).optional();
const textMap = z.record(z.string(), z.string()).optional();

function tables<T extends z.ZodType>(table: T) {
  return z.record(z.string(), table).optional();
}

/** The keys that a profile may set; any other key inside a profile is ignored. */
const profileKeys = {
  approval_policy: ApprovalPolicy.optional(),
  chatgpt_base_url: text,
  experimental_instructions_file: text,
  model: text,
  model_provider: text,
  model_reasoning_effort: ReasoningEffort.optional(),
  model_reasoning_summary: ReasoningSummary.optional(),
  model_verbosity: Verbosity.optional(),
};

const ProfileToml = z.object(profileKeys);
export type ProfileToml = z.infer<typeof ProfileToml>;

const ModelProviderToml = z.object({
  name: z.string(),
  base_url: text,
  env_key: text,
  env_key_instructions: text,
  wire_api: z.enum(['responses', 'chat']).optional(),
  query_params: textMap,
  http_headers: textMap,
  env_http_headers: textMap,
  request_max_retries: count,
  stream_max_retries: count,
  stream_idle_timeout_ms: count,
  requires_openai_auth: flag,
});
export type ModelProviderToml = z.infer<typeof ModelProviderToml>;

const McpServerToml = z.object({
  command: z.string(),
  args: texts,
  env: textMap,
  startup_timeout_ms: count,
});
export type McpServerToml = z.infer<typeof McpServerToml>;

const SandboxWorkspaceWriteToml = z.object({
  writable_roots: z.array(z.string()).default([]),
  network_access: z.boolean().default(false),
  exclude_tmpdir_env_var: z.boolean().default(false),
  exclude_slash_tmp: z.boolean().default(false),
});
export type SandboxWorkspaceWriteToml = z.infer<typeof SandboxWorkspaceWriteToml>;

const ShellEnvironmentPolicyToml = z.object({
  inherit: z.enum(['core', 'all', 'none']).optional(),
  ignore_default_excludes: flag,
  exclude: texts,
  set: textMap,
  include_only: texts,
  experimental_use_profile: flag,
});
export type ShellEnvironmentPolicyToml = z.infer<typeof ShellEnvironmentPolicyToml>;

const ToolsToml = z
  .object({ web_search: flag, web_search_request: flag, view_image: flag })
  .refine((tools) => tools.web_search === undefined || tools.web_search_request === undefined, {
    error: 'duplicate field `web_search`',
  })
  .transform(({ web_search, web_search_request, view_image }) => ({
    web_search: web_search ?? web_search_request,
    view_image,
  }));

/**
 * The keys of `config.toml` (protocol-v1, section 19.2). Those that have no effect here are still type-checked.
 * `durability` is codexd's own.
 */
const ConfigToml = z.object({
  ...profileKeys,
  disable_paste_burst: flag,
  durability: z.enum(['strict', 'normal', 'off']).optional(),
  experimental_use_exec_command_tool: flag,
  experimental_use_unified_exec_tool: flag,
  forced_login_method: z.enum(['chatgpt', 'api']).optional(),
  file_opener: z.enum(['vscode', 'vscode-insiders', 'windsurf', 'cursor', 'none']).optional(),
  hide_agent_reasoning: flag,
  history: z.object({ persistence: z.enum(['save-all', 'none']), max_bytes: count }).optional(),
  instructions: text,
  mcp_servers: tables(McpServerToml),
  model_auto_compact_token_limit: z.int().optional(),
  model_context_window: count,
  model_max_output_tokens: count,
  model_providers: tables(ModelProviderToml),
  model_reasoning_summary_format: z.enum(['none', 'experimental']).optional(),
  model_supports_reasoning_summaries: flag,
  notify: texts,
  profile: text,
  profiles: tables(ProfileToml),
  project_doc_max_bytes: count,
  projects: tables(z.object({ trust_level: text })),
  review_model: text,
  sandbox_mode: SandboxMode.optional(),
  sandbox_workspace_write: SandboxWorkspaceWriteToml.optional(),
  shell_environment_policy: ShellEnvironmentPolicyToml.optional(),
  show_raw_agent_reasoning: flag,
  tools: ToolsToml.optional(),
  tui: tables(z.unknown()),
});
export type ConfigToml = z.infer<typeof ConfigToml>;

/** Types a table of settings, ignoring unknown keys. Throws `ConfigError` of kind `type` that names the key. */
export function parseSettings(table: ConfigTable): ConfigToml {
  const parsed = ConfigToml.safeParse(table, { reportInput: true });
  if (!parsed.success) throw schemaError(parsed.error.issues);
  return parsed.data;
}
