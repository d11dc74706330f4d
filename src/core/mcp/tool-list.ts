import { z } from 'zod';
import type { Log } from '../log.ts';
import { reasonOf } from './failure.ts';

/** A tool as a server describes it. */
const ListedTool = z.object({
  name: z.string(),
  description: z.string().nullish(),
  inputSchema: z.object({
    type: z.string(),
    properties: z.unknown().optional(),
    required: z.array(z.string()).nullish(),
  }),
});
export type ListedTool = z.infer<typeof ListedTool>;

/** The answer to `tools/list`, its tools still unchecked: a broken one is not to hide the others. */
export const ToolList = z.object({ tools: z.array(z.unknown()) });
export type ToolList = z.infer<typeof ToolList>;

export function readTools(list: ToolList, server: string, log: Log): ListedTool[] {
  return list.tools.flatMap((entry, index) => {
    const tool = ListedTool.safeParse(entry);
    if (tool.success) return [tool.data];
    log.warn(
      { server, index, reason: reasonOf(tool.error) },
      'an MCP server describes a tool in a way that cannot be read',
    );
    return [];
  });
}
