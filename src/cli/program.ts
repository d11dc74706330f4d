import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { LOG_FORMATS, LOG_LEVELS } from '../daemon/log-options.ts';
import type { StartDaemon } from '../daemon/types.ts';
import { FIRST_REQUEST, FIRST_SOCKET_REQUEST } from '../protocol/first-request.ts';
import { clientCommands } from './client-commands.ts';
import type { Shell } from './completion/completion.ts';
import type { OutputFlags } from './output.ts';
import type { ServeFlags } from './serve.ts';
import type { StartFlags } from './start-daemon.ts';
import type { TokenFlags } from './token.ts';
import type { UrlFlags } from './url.ts';
import { readVersion } from './version.ts';

type ReportExit = (code: number) => void;

/**
 * The command tree. Each action loads its own module, so that `codexd token` does not wait for the server's.
 *
 * @param reportExit called once with the exit code of the command that ran
 */
export function createProgram(startDaemon: StartDaemon, reportExit: ReportExit): Command {
  const program = new Command('codexd')
    .description('One local daemon for every Codex client on this machine.')
    .version(`codexd ${readVersion()}`)
    .addHelpText('after', firstSteps())
    .exitOverride();
  program.addCommand(serveCommand(startDaemon, reportExit).copyInheritedSettings(program));
  const made = [
    ...daemonCommands(reportExit),
    ...clientCommands({ command: jsonCommand, reportExit, append }),
    ...supportCommands(program, reportExit),
  ];
  for (const command of made) program.addCommand(command.copyInheritedSettings(program));
  return program;
}

function serveCommand(startDaemon: StartDaemon, reportExit: ReportExit): Command {
  return new Command('serve')
    .description('run the daemon in the foreground')
    .option('--host <address>', 'loopback address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 for a free one (default: 4517)', parsePort)
    .option('--socket <path>', 'unix socket (default: $CODEX_HOME/codexd/codexd.sock)')
    .option('--no-socket', 'do without the unix socket')
    .option('-c, --config <key=value>', 'override a key of config.toml; repeatable', append)
    .option('--profile <name>', 'profile of config.toml')
    .option('--allowed-host <name>', 'further name that requests may be addressed to; repeatable', append)
    .option('--allowed-origin <origin>', 'page origin that may connect with the token; repeatable', append)
    .option('--public-url <url>', 'address under which a proxy on this machine shows the daemon')
    .option('--trust-proxy <network>', 'proxies whose X-Forwarded-For is believed; repeatable', append)
    .option('--allow-debug', "start although Node's inspector is open")
    .option('--demo', 'answer from the built-in demo model: no key, no network')
    .addOption(new Option('--log-level <level>', 'default: info').choices(LOG_LEVELS))
    .addOption(
      new Option('--log-format <format>', 'default: pretty on a terminal, else json').choices(LOG_FORMATS),
    )
    .action(async (flags: ServeFlags) => {
      const { serve } = await import('./serve.ts');
      reportExit(await serve(flags, startDaemon));
    });
}

function daemonCommands(reportExit: ReportExit): Command[] {
  return [
    jsonCommand('status', 'tell whether the daemon runs and where').action(async (flags: OutputFlags) => {
      const { printStatus } = await import('./status.ts');
      reportExit(await printStatus(flags));
    }),
    jsonCommand('stop', 'drain the daemon and wait until it is gone').action(async (flags: OutputFlags) => {
      const { stop } = await import('./stop.ts');
      reportExit(await stop(flags));
    }),
    jsonCommand('token', 'print the bearer token')
      .option('--rotate', 'make a new one first; what the old one opened ends')
      .action(async (flags: TokenFlags) => {
        const { printToken } = await import('./token.ts');
        reportExit(await printToken(flags));
      }),
    jsonCommand('url', 'print the URL of the running daemon')
      .option('--browser', 'with a code that signs a browser in, once, within a minute')
      .action(async (flags: UrlFlags) => {
        const { printUrl } = await import('./url.ts');
        reportExit(await printUrl(flags));
      }),
    jsonCommand('open', "show the daemon's page in the browser, signed in").action(
      async (flags: OutputFlags) => {
        const { openPage } = await import('./open.ts');
        reportExit(await openPage(flags));
      },
    ),
    new Command('stdio')
      .description('JSON-RPC on stdin and stdout, for programs that spawn their server')
      .option('--start', 'start a daemon when none runs')
      .action(async (flags: StartFlags) => {
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
    new Command('completion')
      .description('print a completion script')
      .addArgument(new Argument('<shell>', 'for which shell').choices(['bash', 'zsh', 'fish']))
      .action(async (shell: Shell) => {
        const { printCompletion } = await import('./completion/completion.ts');
        reportExit(printCompletion(shell, program));
      }),
  ];
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

function append(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
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
