import { toTimerMs } from '../config/timer.ts';
import type { Config } from '../config/types.ts';
import { MAX_RETRY_AFTER_MS } from '../model/rejection.ts';
import type { ProgressSource } from './turn-activity.ts';

/** What is added to the limit that something has of its own. */
const MARGIN_MS = 60_000;

/** The user may take any time. */
export const QUESTION: ProgressSource = { name: 'question', limitMs: Number.POSITIVE_INFINITY };

/** All attempts of one request may fail as late as they can, and each may be told to wait first. */
export function modelSource({ modelProvider }: Pick<Config, 'modelProvider'>): ProgressSource {
  const { requestMaxRetries, streamIdleTimeoutMs } = modelProvider;
  const attempts = 1 + requestMaxRetries;
  const attemptMs = toTimerMs(streamIdleTimeoutMs) + MAX_RETRY_AFTER_MS;
  return { name: 'model', limitMs: attempts * attemptMs + MARGIN_MS };
}

export const retrySource = (delayMs: number): ProgressSource => ({
  name: 'retry',
  limitMs: delayMs + MARGIN_MS,
});

/** An MCP server has no limit, as in the reference; other tools are done soon or have a program that runs. */
export function toolSource(name: string, isMcp: boolean, isAlive: () => Promise<boolean>): ProgressSource {
  return isMcp ? { name, limitMs: Number.POSITIVE_INFINITY } : { name, limitMs: MARGIN_MS, isAlive };
}
