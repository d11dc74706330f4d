import type {
  ApprovalPolicy,
  ReasoningEffort,
  ReasoningSummary,
  SandboxMode,
  Verbosity,
} from '../../protocol/vocabulary/policies.ts';
import {
  type ConfigToml,
  type ProfileToml,
  parseSettings,
  type SandboxWorkspaceWriteToml,
} from './schema.ts';
import type { ConfigTable } from './table.ts';

export interface SavedProfile {
  readonly model: string | null;
  readonly modelProvider: string | null;
  readonly approvalPolicy: ApprovalPolicy | null;
  readonly modelReasoningEffort: ReasoningEffort | null;
  readonly modelReasoningSummary: ReasoningSummary | null;
  readonly modelVerbosity: Verbosity | null;
  readonly chatgptBaseUrl: string | null;
}

/** What stands in `config.toml`, no profile applied; unset members are `undefined` here and absent on the wire. */
export interface SavedConfig {
  readonly approvalPolicy: ApprovalPolicy | undefined;
  readonly sandboxMode: SandboxMode | undefined;
  readonly sandboxSettings: ReturnType<typeof sandboxSettings> | undefined;
  readonly model: string | undefined;
  readonly modelReasoningEffort: ReasoningEffort | undefined;
  readonly modelReasoningSummary: ReasoningSummary | undefined;
  readonly modelVerbosity: Verbosity | undefined;
  readonly tools:
    | { readonly webSearch: boolean | undefined; readonly viewImage: boolean | undefined }
    | undefined;
  readonly profile: string | undefined;
  readonly profiles: Readonly<Record<string, SavedProfile>>;
}

/** Result of getUserSavedConfig (protocol-v1, section 19.3). Throws `ConfigError`, whose `fileMessage` is the answer. */
export function savedConfig(file: ConfigTable): { config: SavedConfig } {
  const settings = parseSettings(file);
  return {
    config: {
      approvalPolicy: settings.approval_policy,
      sandboxMode: settings.sandbox_mode,
      sandboxSettings: settings.sandbox_workspace_write && sandboxSettings(settings.sandbox_workspace_write),
      model: settings.model,
      modelReasoningEffort: settings.model_reasoning_effort,
      modelReasoningSummary: settings.model_reasoning_summary,
      modelVerbosity: settings.model_verbosity,
      tools: settings.tools && { webSearch: settings.tools.web_search, viewImage: settings.tools.view_image },
      profile: settings.profile,
      profiles: savedProfiles(settings.profiles),
    },
  };
}

function sandboxSettings(toml: SandboxWorkspaceWriteToml) {
  return {
    writableRoots: toml.writable_roots,
    networkAccess: toml.network_access,
    excludeTmpdirEnvVar: toml.exclude_tmpdir_env_var,
    excludeSlashTmp: toml.exclude_slash_tmp,
  };
}

function savedProfiles(profiles: ConfigToml['profiles'] = {}): Record<string, SavedProfile> {
  return Object.fromEntries(Object.entries(profiles).map(([name, profile]) => [name, savedProfile(profile)]));
}

function savedProfile(profile: ProfileToml): SavedProfile {
  return {
    model: profile.model ?? null,
    modelProvider: profile.model_provider ?? null,
    approvalPolicy: profile.approval_policy ?? null,
    modelReasoningEffort: profile.model_reasoning_effort ?? null,
    modelReasoningSummary: profile.model_reasoning_summary ?? null,
    modelVerbosity: profile.model_verbosity ?? null,
    chatgptBaseUrl: profile.chatgpt_base_url ?? null,
  };
}
