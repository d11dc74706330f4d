import { z } from 'zod';
import { ModelError } from './types.ts';

const UsageLimit = z.object({
  error: z.object({
    type: z.enum(['usage_limit_reached', 'usage_not_included']),
    plan_type: z.string().nullish().catch(undefined),
    resets_in_seconds: z.number().nonnegative().nullish().catch(undefined),
  }),
});

const PRICING = 'https://openai.com/chatgpt/pricing';
const UPGRADE_TO_PLUS = `To use Codex with your ChatGPT plan, upgrade to Plus: ${PRICING}.`;

/** The error of a 429 whose body says that the plan's allowance is used up; `undefined` for any other body. */
export function usageLimit(body: unknown): ModelError | undefined {
  const { data } = UsageLimit.safeParse(body);
  if (!data) return undefined;
  const { type, plan_type, resets_in_seconds } = data.error;
  const message =
    type === 'usage_not_included' ? UPGRADE_TO_PLUS : limitReached(plan_type, resets_in_seconds);
  return new ModelError(message, { retryable: false });
}

function limitReached(plan: string | null | undefined, resetsInSeconds: number | null | undefined): string {
  const when = resetsInSeconds == null ? 'later' : `in ${formatWait(resetsInSeconds)}`;
  const start = "You've hit your usage limit.";
  switch (plan) {
    case 'free':
      return UPGRADE_TO_PLUS;
    case 'plus':
      return `${start} Upgrade to Pro (${PRICING}) or try again ${when}.`;
    case 'team':
    case 'business':
      return `${start} To get more access now, send a request to your admin or try again ${when}.`;
    default:
      return `${start} Try again ${when}.`;
  }
}

/** Days, hours and minutes, without those that are zero: `2 days 3 hours 1 minute`. */
function formatWait(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const parts = [
    count(Math.floor(minutes / 1440), 'day'),
    count(Math.floor(minutes / 60) % 24, 'hour'),
    count(minutes % 60, 'minute'),
  ].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(' ') : 'less than a minute';
}

function count(amount: number, unit: string): string {
  if (amount === 0) return '';
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
