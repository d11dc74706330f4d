import { Argument, Command } from 'commander';
import type { LoadDaemon } from '../daemon/types.ts';
import { FIRST_REQUEST, FIRST_SOCKET_REQUEST } from '../protocol/first-request.ts';
import { clientCommands, startable } from './client-commands.ts';
import type { Shell } from './completion/completion.ts';
import type { OpenFlags } from './open.ts';
import type { OutputFlags } from './output.ts';
import { append, serveCommand } from './serve-command.ts';
import { serviceCommand } from './service-command.ts';
import type { StartFlags } from './start-daemon.ts';
import type { StatusFlags } from './status.ts';
import type { TokenFlags } from './token.ts';
import type { UrlFlags } from './url.ts';
import { readVersion } from './version.ts';

type ReportExit = (code: number) => void;

/**
 * The command tree. Each action loads its own module, so that `codexd token` does not wait for the server's.
 *
 * @param reportExit called once with the exit code of the command that ran
 */
export function createProgram(loadDaemon: LoadDaemon, reportExit: ReportExit): Command {
  const program = new Command('codexd')
    .description('One local daemon for every Codex client on this machine.')
    .version(`codexd ${readVersion()}`)
    .addHelpText('after', firstSteps())
    .exitOverride();
  const serve = serveCommand(async (flags) => {
    const { serve: run } = await import('./serve.ts');
    reportExit(await run(flags, loadDaemon));
  });
  const maker = { command: jsonCommand, reportExit, append };
  const made = [
    serve,
    ...daemonCommands(reportExit),
    ...clientCommands(maker),
    serviceCommand(maker),
    ...supportCommands(program, reportExit),
  ];
  for (const command of made) addCommand(program, command);
  return program;
}

/** Commands that are made elsewhere take over how the program reports errors. */
function addCommand(program: Command, command: Command): void {
  program.addCommand(command.copyInheritedSettings(program), { hidden: command.name().startsWith('__') });
  for (const part of command.commands) part.copyInheritedSettings(program);
}

function daemonCommands(reportExit: ReportExit): Command[] {
  return [
    startable(jsonCommand('status', 'tell whether the daemon runs and where')).action(
      async (flags: StatusFlags) => {
        const { printStatus } = await import('./status.ts');
        reportExit(await printStatus(flags));
      },
    ),
    jsonCommand('stop', 'drain the daemon and wait until it is gone').action(async (flags: OutputFlags) => {
      const { stop } = await import('./stop.ts');
      reportExit(await stop(flags));
    }),
    startable(jsonCommand('token', 'print the bearer token'))
      .option('--rotate', 'make a new one first; what the old one opened ends')
      .action(async (flags: TokenFlags) => {
        const { printToken } = await import('./token.ts');
        reportExit(await printToken(flags));
      }),
    startable(jsonCommand('url', 'print the URL of the running daemon'))
      .option('--browser', 'with a code that signs a browser in, once, within a minute')
      .action(async (flags: UrlFlags) => {
        const { printUrl } = await import('./url.ts');
        reportExit(await printUrl(flags));
      }),
    startable(jsonCommand('open', "show the daemon's page in the browser, signed in")).action(
      async (flags: OpenFlags) => {
        const { openPage } = await import('./open.ts');
        reportExit(await openPage(flags));
      },
    ),
    startable(
      new Command('stdio').description('JSON-RPC on stdin and stdout, for programs that spawn their server'),
    ).action(async (flags: StartFlags) => {
      const { stdio } = await import('./stdio/stdio.ts');
      reportExit(await stdio(flags));
    }),
  ];
}

function jsonCommand(name: string, description: string): Command {
  return new Command(name).description(description).option('--json', 'print one line of JSON');
}

function supportCommands(program: Command, reportExit: ReportExit): Command[] {
  return [
    jsonCommand('doctor', 'look at everything that codexd needs, and say what to do').action(
      async (flags: OutputFlags) => {
        const { doctor } = await import('./doctor/doctor.ts');
        reportExit(await doctor(flags));
      },
    ),
    jsonCommand('completion', 'print a completion script')
      .addArgument(new Argument('<shell>', 'for which shell').choices(['bash', 'zsh', 'fish']))
      .action(async (shell: Shell, flags: OutputFlags) => {
        const { printCompletion } = await import('./completion/completion.ts');
        reportExit(printCompletion(shell, program, flags));
      }),
    new Command('__conversations').argument('<kind>').action(async (kind: string) => {
      const { printConversations } = await import('./completion/conversations.ts');
      reportExit(await printConversations(kind));
    }),
  ];
}

function firstSteps(): string {
  return `
A first answer from the running daemon:
  ${FIRST_REQUEST}

From a script on this machine, without a token:
  ${FIRST_SOCKET_REQUEST}

Environment:
  CODEX_HOME      shared with the Codex CLI (default: ~/.codex)
  CODEXD_TOKEN    bearer token to use instead of the kept one
  CODEXD_URL      daemon that the client commands speak to
  CODEXD_LOG      log level of serve
  NO_COLOR        no colour`;
}
