import type { Config } from '../config/types.ts';
import type { TurnSettings } from './turn.ts';

/** Those of a turn that was begun without any. */
export const ownSettings = (config: Config): TurnSettings => ({
  cwd: config.cwd,
  approvalPolicy: config.approvalPolicy,
  sandboxPolicy: config.sandboxPolicy,
  model: config.model,
  effort: config.modelReasoningEffort,
  summary: config.modelReasoningSummary,
});
