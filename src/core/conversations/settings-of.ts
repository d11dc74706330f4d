import type { Config } from '../config/types.ts';
import type { TurnSettings } from './turn.ts';

/** Of a turn that asks for nothing of its own. */
export const settingsOf = (config: Config): TurnSettings => ({
  cwd: config.cwd,
  approvalPolicy: config.approvalPolicy,
  sandboxPolicy: config.sandboxPolicy,
  model: config.model,
  effort: config.modelReasoningEffort,
  summary: config.modelReasoningSummary,
});
