import type { ConversationEvent, TextDeltas } from '../../protocol/vocabulary/events.ts';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { Approvals } from '../approvals.ts';
import type { Config } from '../config/types.ts';
import type { ExecSessions } from '../exec-session/exec-sessions.ts';
import type { Host } from '../host.ts';
import type { Log } from '../log.ts';
import type { McpConnections } from '../mcp/connections.ts';
import type { ModelClient } from '../model/types.ts';
import type { ProcessScope } from '../process-scope.ts';
import type { MessageTexts } from '../rollout/message-texts.ts';
import type { Sandbox } from '../sandbox/types.ts';
import type { ConversationFile } from './conversation-file.ts';
import type { OpenTurns } from './open-turns.ts';
import type { Progress } from './progress.ts';
import type { StalledTurns } from './stalled-turns.ts';

export interface ConversationParts {
  readonly id: string;
  readonly config: Config;
  /** What the model provider is told of the client. */
  readonly userAgent: string;
  /** What the history begins with, also after a compaction. */
  readonly opening: readonly ResponseItem[];
  /** What the model is sent; asked for when a turn begins. */
  readHistory(): readonly ResponseItem[];
  /** The event messages that the rollout has already. */
  readonly messages: MessageTexts;
  /** What the rollout was when it was loaded; `undefined` for a new conversation. */
  readonly loadedFrom: LoadedFrom | undefined;
  readonly progress: Progress;
  readonly rollout: ConversationFile;
  readonly openTurns: OpenTurns;
  /** The conversation's own; closed with it. */
  readonly mcp: McpConnections;
  /** The conversation's own; ended with it, and when a turn is interrupted. */
  readonly sessions: ExecSessions;
  readonly model: ModelClient;
  sandbox(): Promise<Sandbox>;
  readonly approvals: Approvals;
  /** With processes that are the conversation's own, and end with it. */
  readonly host: Host;
  /** The part of them that turns start. */
  readonly commands: ProcessScope;
  /** Ends turns that nothing else would end. */
  readonly stalledTurns: StalledTurns;
  readonly log: Log;
  /** Must not throw. */
  publish(event: ConversationEvent): void;
  /** Pieces of one text that came together, in the turn with the id. Must not throw. */
  publishDeltas(id: string, deltas: TextDeltas): void;
}

export interface LoadedFrom {
  /** In bytes. */
  readonly size: number;
  /** Line numbers, from 1, of lines that could not be read and were passed over. */
  readonly damagedLines: readonly number[];
}
