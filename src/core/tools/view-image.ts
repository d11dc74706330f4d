import path from 'node:path';
import { z } from 'zod';
import { localImage } from '../context/user-input.ts';
import { parseArguments } from './arguments.ts';
import type { FunctionTool } from './tool.ts';

const Arguments = z.object({ path: z.string() });

/** The model gets the picture as a user message in its next request. */
export const viewImage: FunctionTool = async (text, context) => {
  const file = path.resolve(context.cwd, parseArguments(Arguments, text).path);
  context.inject({ type: 'message', role: 'user', content: [await localImage(file)] });
  return 'attached local image path';
};
