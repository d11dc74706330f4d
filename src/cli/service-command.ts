import { Command } from 'commander';
import type { CommandMaker } from './client-commands.ts';
import type { OutputFlags } from './output.ts';
import { serveCommand } from './serve-command.ts';
import type { InstallFlags, ServeLine } from './service/install.ts';
import type { UninstallFlags } from './service/uninstall.ts';

/** `codexd service`: the daemon as a service of this user. */
export function serviceCommand({ command, reportExit, append }: CommandMaker): Command {
  const service = new Command('service').description('run the daemon as a service of this user');
  const parts = [
    command('install', 'install and start it, or bring it up to date')
      .argument('[serve-flags...]', 'after --, for: codexd serve')
      .option('--env <name>', 'variable of this environment that it needs, too; repeatable', append)
      .option('--dry-run', 'only print the file that it would be')
      .action(async (args: readonly string[], flags: InstallFlags) => {
        const line = await parseServeLine(args);
        const { installService } = await import('./service/install.ts');
        reportExit(await installService(flags, line));
      }),
    command('uninstall', 'stop and remove it; conversations and credentials stay')
      .option('--dry-run', 'only tell what would be done')
      .action(async (flags: UninstallFlags) => {
        const { uninstallService } = await import('./service/uninstall.ts');
        reportExit(await uninstallService(flags));
      }),
    command('status', 'tell whether it is installed and runs').action(async (flags: OutputFlags) => {
      const { printServiceStatus } = await import('./service/status.ts');
      reportExit(await printServiceStatus(flags));
    }),
  ];
  for (const part of parts) service.addCommand(part);
  return service;
}

/** Flags that `serve` would refuse are refused now, and not at every start. */
async function parseServeLine(args: readonly string[]): Promise<ServeLine> {
  let flags: ServeLine['flags'] = {};
  const serve = serveCommand(async (given) => {
    flags = given;
  }).exitOverride();
  await serve.parseAsync([...args], { from: 'user' });
  return { args, flags };
}
