import { resolve } from 'node:path';
import type { Params } from '../../protocol/registry.ts';
import type { ApprovalPolicy, SandboxMode } from '../../protocol/vocabulary/policies.ts';
import type { OutputFlags } from '../output.ts';
import { parseOverrides } from '../overrides.ts';
import type { StartFlags } from '../start-daemon.ts';

/** Settings of a conversation, under the names that the Codex CLI has for them. */
export interface SettingFlags {
  readonly model?: string;
  readonly profile?: string;
  readonly cd?: string;
  readonly askForApproval?: ApprovalPolicy;
  readonly sandbox?: SandboxMode;
  /** `key=value`, as given. */
  readonly config?: readonly string[];
}

export interface ChatFlags extends OutputFlags, StartFlags, SettingFlags {}

/**
 * @param cwd where the conversation works unless a flag says otherwise
 * @throws {UsageError} for a `-c` that is no `key=value`
 */
export function settingsOf(flags: SettingFlags, cwd: string): Params<'newConversation'> {
  return {
    cwd: flags.cd === undefined ? cwd : resolve(flags.cd),
    model: flags.model ?? null,
    profile: flags.profile ?? null,
    approvalPolicy: flags.askForApproval ?? null,
    sandbox: flags.sandbox ?? null,
    config: flags.config ? Object.fromEntries(parseOverrides(flags.config)) : null,
  };
}
