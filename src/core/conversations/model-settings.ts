import type { ModelSettings } from '../model/types.ts';
import type { TurnWorld } from './turn.ts';

export function modelSettings({
  config,
  family,
  settings,
  conversationId,
  userAgent,
}: TurnWorld): ModelSettings {
  const { model, effort, summary } = settings;
  return {
    provider: config.modelProvider,
    model,
    effort,
    summary,
    verbosity: config.modelVerbosity,
    supportsReasoningSummaries: config.modelSupportsReasoningSummaries || family.reasoningSummaries,
    conversationId,
    userAgent,
  };
}
