import { type OutputFlags, print } from '../output.ts';
import type { ServiceStatus } from './manager.ts';
import { openManager } from './open-manager.ts';
import { readServiceFile } from './service-file.ts';

/** `codexd service status`: exit code 0 when the service is installed and runs, else 1. */
export async function printServiceStatus(flags: OutputFlags): Promise<number> {
  const { manager, name } = await openManager(process.env);
  await manager.assertUsable();
  const installed = (await readServiceFile(manager.path)) !== undefined;
  const status = await manager.status();
  const value = { manager: manager.kind, name, path: manager.path, installed, ...status };
  print(flags, value, installed ? describe(name, status, manager.path) : notInstalled(name));
  return installed && status.running ? 0 : 1;
}

const notInstalled = (name: string): string =>
  `the service ${name} is not installed; install it with: codexd service install`;

function describe(name: string, { running, enabled, state, pid }: ServiceStatus, path: string): string {
  const headline = running ? `the service ${name} runs` : `the service ${name} does not run (${state})`;
  const details = [
    ...(pid === null ? [] : [`  pid      ${pid}`]),
    `  at login ${enabled ? 'started' : 'not started'}`,
    `  file     ${path}`,
  ];
  return [headline, ...details].join('\n');
}
