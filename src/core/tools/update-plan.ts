import { z } from 'zod';
import { PlanItem } from '../../protocol/vocabulary/event-parts.ts';
import { parseArguments } from './arguments.ts';
import type { FunctionTool } from './tool.ts';

const Arguments = z.object({ explanation: z.string().nullish(), plan: z.array(PlanItem) });

export const updatePlan: FunctionTool = async (text, context) => {
  const { explanation, plan } = parseArguments(Arguments, text);
  context.emit({ type: 'plan_update', explanation: explanation ?? null, plan });
  return 'Plan updated';
};
