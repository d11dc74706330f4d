import { expect, it } from 'vitest';
import type { Services } from '../../src/api/services.ts';
import { execHandlers } from '../../src/api/v1/exec.ts';
import { requestClient } from '../../src/server/clients.ts';

it('SEC-FLOOD-1: 256 commands of clients run at once, and the next is told to come later', async () => {
  const started: unknown[] = [];
  const log = { info: (details: object) => started.push(details) };
  // The commands wait for the sandbox to be looked for, which takes for ever here.
  const services = { log, sandbox: () => new Promise(() => {}) } as unknown as Services;
  const { execOneOffCommand } = execHandlers(services);
  const run = () => execOneOffCommand({ command: ['true'] }, { client: requestClient('1') });
  for (let count = 0; count < 256; count++) void run();
  await expect(run()).rejects.toMatchObject({ code: -32001, reason: 'too_many_commands' });
  expect(started).toHaveLength(256);
});
