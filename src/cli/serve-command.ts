import { Command, InvalidArgumentError, Option } from 'commander';
import { LOG_FORMATS, LOG_LEVELS } from '../daemon/log-options.ts';
import type { ServeFlags } from './serve.ts';

/** Of an option that may be given any number of times. */
export function append(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** `codexd serve`, with its flags; what is done with them is the caller's. */
export function serveCommand(run: (flags: ServeFlags) => Promise<void>): Command {
  return new Command('serve')
    .description('run the daemon in the foreground')
    .option('--json', 'tell where it listens as one line of JSON')
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
    .addOption(new Option('--user-umask <octal>', 'umask of commands').argParser(parseUmask).hideHelp())
    .addOption(new Option('--log-level <level>', 'default: info').choices(LOG_LEVELS))
    .addOption(
      new Option('--log-format <format>', 'default: pretty on a terminal, else json').choices(LOG_FORMATS),
    )
    .action(run);
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

function parseUmask(text: string): number {
  if (/^0?[0-7]{1,3}$/.test(text)) return Number.parseInt(text, 8);
  throw new InvalidArgumentError('A umask is an octal number from 0 to 0777.');
}
