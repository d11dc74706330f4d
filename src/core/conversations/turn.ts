import type { EventMsg, TextDeltas } from '../../protocol/vocabulary/events.ts';
import type { MessageItem, ResponseItem } from '../../protocol/vocabulary/items.ts';
import type {
  ApprovalPolicy,
  ReasoningEffort,
  ReasoningSummary,
  ReviewDecision,
  SandboxPolicy,
} from '../../protocol/vocabulary/policies.ts';
import type { RolloutItem } from '../../protocol/vocabulary/rollout.ts';
import type { ApprovalRequest } from '../approvals.ts';
import type { Config } from '../config/types.ts';
import type { ExecSessions } from '../exec-session/exec-sessions.ts';
import type { Host } from '../host.ts';
import type { McpConnections } from '../mcp/connections.ts';
import type { ModelFamily } from '../model/family.ts';
import type { ModelClient, Prompt } from '../model/types.ts';
import type { TurnDiffTracker } from '../patch/turn-diff.ts';
import type { Sandbox } from '../sandbox/types.ts';
import type { ApprovedCommands } from '../tools/approved-commands.ts';
import { compact, isCompactionDue, stillTooLong } from './compact.ts';
import { runStep } from './step.ts';
import type { TokenCounter } from './token-counter.ts';
import type { TurnActivity } from './turn-activity.ts';

/** What may differ from turn to turn of one conversation. */
export interface TurnSettings {
  readonly cwd: string;
  readonly approvalPolicy: ApprovalPolicy;
  readonly sandboxPolicy: SandboxPolicy;
  readonly model: string;
  readonly effort: ReasoningEffort | undefined;
  readonly summary: ReasoningSummary;
}

/** Everything a turn touches. It knows nothing of conversations, clients or files beyond this. */
export interface TurnWorld {
  readonly conversationId: string;
  readonly userAgent: string;
  readonly config: Config;
  readonly settings: TurnSettings;
  readonly family: ModelFamily;
  readonly instructions: string;
  readonly tools: Prompt['tools'];
  readonly host: Host;
  /** What commands are confined with. Finding it takes some 50 ms the first time, so that only a call asks. */
  sandbox(): Promise<Sandbox>;
  readonly approvedCommands: ApprovedCommands;
  readonly turnDiff: TurnDiffTracker;
  readonly mcp: McpConnections;
  readonly sessions: ExecSessions;
  readonly model: ModelClient;
  readonly tokens: TokenCounter;
  readonly history: readonly ResponseItem[];
  /** What a history begins with, also after a compaction. */
  readonly opening: readonly ResponseItem[];
  /** Why the turn goes on. */
  readonly activity: TurnActivity;
  /** Whether a program runs that the turn, or one before it, has started. */
  hasPrograms(): Promise<boolean>;
  /** Aborted to end the turn; everything awaited here then throws the signal's reason. */
  readonly signal: AbortSignal;
  /** Settles when the turn may be heard of and store something; the model is asked before. */
  readonly begun: Promise<unknown>;
  /** Tells the listeners; an event that belongs into the rollout is stored first. Ordered by the calls. */
  report(msg: EventMsg): Promise<void>;
  /** Tells the listeners of something that is not stored. */
  emit(msg: EventMsg): void;
  /** The same of pieces of one text that came together. */
  emitDeltas(deltas: TextDeltas): void;
  store(items: readonly RolloutItem[]): Promise<void>;
  /** Adds to the history and stores it. */
  remember(items: readonly ResponseItem[]): Promise<void>;
  /** Asks the user. A decision to abort ends the turn. */
  ask(request: ApprovalRequest): Promise<ReviewDecision>;
  /** Puts another history in place of the one there is, and stores the summary that it was made with. */
  replaceHistory(items: readonly ResponseItem[], summary: string): Promise<void>;
  /** A task inside of the turn with an id of its own. */
  compactionTask(): Pick<TurnWorld, 'emit' | 'report'>;
  /** Adds a message for the next request. */
  inject(message: MessageItem): void;
  /** Messages that came while the turn ran. With `closing`, an empty answer ends the taking: later ones wait. */
  takeInput(options: { closing: boolean }): MessageItem[];
}

/**
 * One turn: asks the model, runs what it calls, and asks again with the results, until it calls nothing more and nobody
 * has said anything meanwhile. Returns the last message of the last response. Throws `ModelError` when the model
 * cannot be had, and the signal's reason when aborted.
 */
export async function runTurn(world: TurnWorld): Promise<string | null> {
  for (let compacted = false; ; ) {
    const input = world.takeInput({ closing: false });
    if (input.length > 0) await world.remember(input);
    // The 0.36.0 release sends input that joins a running turn twice in its first request: in the history, and once more
    // at the end. Kept, because what the model is sent is to be the same.
    const step = await runStep(world, input);
    const due = isCompactionDue(world);
    if (due && compacted && step.calls > 0) throw stillTooLong(world);
    if (due) await compact(world);
    compacted = due;
    if (step.calls > 0) continue;
    const late = world.takeInput({ closing: true });
    if (late.length === 0) return step.lastMessage;
    await world.remember(late);
  }
}
