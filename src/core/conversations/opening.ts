import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { Config } from '../config/types.ts';
import { environmentContextMessage, userInstructionsMessage } from '../context/messages.ts';
import { userInstructions } from '../context/project-doc.ts';

/** What the model is told first, and again after a compaction. */
export interface Opening {
  /** The user's own instructions; `undefined` when there are none. */
  readonly instructions: string | undefined;
  readonly items: readonly ResponseItem[];
}

/** @param shell path of the user's login shell */
export async function readOpening(
  config: Config,
  codexHome: string,
  shell: string | undefined,
): Promise<Opening> {
  const { cwd, approvalPolicy, sandboxPolicy } = config;
  const instructions = await userInstructions(codexHome, cwd, config.projectDocMaxBytes);
  const environment = environmentContextMessage({ cwd, approvalPolicy, sandboxPolicy, shell });
  const items =
    instructions === undefined ? [environment] : [userInstructionsMessage(instructions), environment];
  return { instructions, items };
}
