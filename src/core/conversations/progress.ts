import { ApprovedCommands } from '../tools/approved-commands.ts';
import { TokenCounter } from './token-counter.ts';

/** What a conversation counts and remembers without storing it; it goes on when the conversation is loaded again. */
export interface Progress {
  submissions: number;
  compactions: number;
  readonly tokens: TokenCounter;
  readonly approvedCommands: ApprovedCommands;
}

export const noProgress = (): Progress => ({
  submissions: 0,
  compactions: 0,
  tokens: new TokenCounter(),
  approvedCommands: new ApprovedCommands(),
});
