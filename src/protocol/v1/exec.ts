import { z } from 'zod';
import { defineMethod } from '../method.ts';
import { SandboxPolicy } from '../vocabulary/policies.ts';

export const execOneOffCommand = defineMethod('execOneOffCommand', {
  summary: 'Run one command outside of any conversation and wait for it.',
  params: z.object({
    command: z.array(z.string()).meta({ description: 'Program and arguments; no shell is added.' }),
    timeoutMs: z.int().min(0).nullish().meta({ description: 'Milliseconds, 10,000 when left out.' }),
    cwd: z.string().nullish(),
    sandboxPolicy: SandboxPolicy.nullish(),
  }),
  result: z.object({ exitCode: z.int(), stdout: z.string(), stderr: z.string() }),
  rest: { verb: 'POST', path: '/v1/exec', status: 200 },
  lane: { concurrent: 'commands are independent processes' },
  keyed: true,
  example: {
    params: { command: ['echo', 'hello'], sandboxPolicy: { mode: 'danger-full-access' } },
    result: { exitCode: 0, stdout: 'hello\n', stderr: '' },
  },
});
