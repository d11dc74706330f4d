import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import type { MessageItem, ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { ApprovalPolicy, ReviewDecision, SandboxPolicy } from '../../protocol/vocabulary/policies.ts';
import type { ApprovalRequest } from '../approvals.ts';
import type { ShellEnvironmentPolicy } from '../config/types.ts';
import type { ExecSessions } from '../exec-session/exec-sessions.ts';
import type { Host } from '../host.ts';
import type { McpConnections } from '../mcp/connections.ts';
import type { TurnDiffTracker } from '../patch/turn-diff.ts';
import type { Sandbox } from '../sandbox/types.ts';
import type { ApprovedCommands } from './approved-commands.ts';

/** What a call may know and do while it runs. */
export interface ToolContext {
  readonly callId: string;
  readonly cwd: string;
  readonly approvalPolicy: ApprovalPolicy;
  readonly sandboxPolicy: SandboxPolicy;
  readonly shellEnvironmentPolicy: ShellEnvironmentPolicy;
  readonly host: Host;
  readonly sandbox: Sandbox;
  readonly approvedCommands: ApprovedCommands;
  readonly turnDiff: TurnDiffTracker;
  readonly mcp: McpConnections;
  readonly sessions: ExecSessions;
  /** Aborted when the turn is. A tool then stops what it started and throws the signal's reason. */
  readonly signal: AbortSignal;
  emit(msg: EventMsg): void;
  /** Asks the user. A decision to abort ends the turn: the signal's reason is then thrown. */
  ask(request: ApprovalRequest): Promise<ReviewDecision>;
  /** Puts a message into the next request, after the outputs of the current calls. */
  inject(message: MessageItem): void;
}

/**
 * Runs one call. What went wrong for the model to mend is the returned text, not an exception; a thrown error other
 * than the abort is a fault of ours.
 */
export type FunctionTool = (argumentsText: string, context: ToolContext) => Promise<string>;

/** An item of the model that asks for something to be run. */
export type CallItem = Extract<
  ResponseItem,
  { type: 'function_call' | 'custom_tool_call' | 'local_shell_call' }
>;

export const isCall = (item: ResponseItem): item is CallItem =>
  item.type === 'function_call' || item.type === 'custom_tool_call' || item.type === 'local_shell_call';
