import type {
  ApprovalPolicy,
  ReasoningEffort,
  ReasoningSummary,
  SandboxPolicy,
  Verbosity,
} from '../../protocol/vocabulary/policies.ts';

/** Where a setting came from, lowest first (protocol-v1, section 19.1; `-c` stands between file and params). */
export type Origin = 'default' | 'file' | 'cli' | 'config-param' | 'profile' | 'param';

export interface ModelProvider {
  /** Key in `model_providers`, or `openai`. */
  readonly id: string;
  readonly name: string;
  /** Without a trailing slash; `undefined` for the built-in provider, whose address depends on the credential. */
  readonly baseUrl: string | undefined;
  readonly envKey: string | undefined;
  readonly envKeyInstructions: string | undefined;
  readonly wireApi: 'responses' | 'chat';
  readonly queryParams: Readonly<Record<string, string>>;
  readonly httpHeaders: Readonly<Record<string, string>>;
  /** Header name -> name of the environment variable that holds its value. */
  readonly envHttpHeaders: Readonly<Record<string, string>>;
  readonly requestMaxRetries: number;
  readonly streamMaxRetries: number;
  readonly streamIdleTimeoutMs: number;
  readonly requiresOpenaiAuth: boolean;
}

export interface ShellEnvironmentPolicy {
  readonly inherit: 'all' | 'core' | 'none';
  readonly ignoreDefaultExcludes: boolean;
  readonly exclude: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly includeOnly: readonly string[];
}

export interface McpServer {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly startupTimeoutMs: number;
}

/** All settings of one conversation, resolved; never changed afterwards. */
export interface Config {
  readonly model: string;
  readonly modelProvider: ModelProvider;
  readonly modelContextWindow: number | undefined;
  readonly modelAutoCompactTokenLimit: number | undefined;
  readonly modelReasoningEffort: ReasoningEffort | undefined;
  readonly modelReasoningSummary: ReasoningSummary;
  readonly modelVerbosity: Verbosity | undefined;
  readonly modelSupportsReasoningSummaries: boolean;
  readonly approvalPolicy: ApprovalPolicy;
  readonly sandboxPolicy: SandboxPolicy;
  readonly shellEnvironmentPolicy: ShellEnvironmentPolicy;
  /** Absolute. */
  readonly cwd: string;
  /** Replaces the built-in instructions of the model family. */
  readonly baseInstructions: string | undefined;
  readonly includePlanTool: boolean;
  readonly includeApplyPatchTool: boolean;
  readonly includeViewImageTool: boolean;
  readonly webSearch: boolean;
  readonly experimentalExecCommandTool: boolean;
  readonly experimentalUnifiedExecTool: boolean;
  readonly mcpServers: Readonly<Record<string, McpServer>>;
  /** Program and arguments run after each turn. */
  readonly notify: readonly string[] | undefined;
  readonly showRawAgentReasoning: boolean;
  readonly projectDocMaxBytes: number;
  /** How soon records reach the disk: each at once, by the rules of its kind, or when the system likes. */
  readonly durability: 'strict' | 'normal' | 'off';
  readonly profile: string | undefined;
  readonly chatgptBaseUrl: string | undefined;
  /** The only way to sign in; both are allowed when it is not set. Not a key of 0.36, but of its successors. */
  readonly forcedLoginMethod: 'chatgpt' | 'api' | undefined;
  /** Dotted key of `config.toml` -> where its value in force came from; keys at their default are left out. */
  readonly origins: ReadonlyMap<string, Origin>;
}
