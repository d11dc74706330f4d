import type { ServiceDefinition } from './definition.ts';

/**
 * A unit for the user's own service manager (systemd.service(5), systemd.syntax(7)).
 *
 * Options that filter system calls or restrict namespaces are left out on purpose: for a user's unit they all set
 * `no_new_privs`, and commands could then not be confined where bubblewrap is installed setuid (SEC-PKG-5).
 */
export function systemdUnit({
  command: [program, ...args],
  environment,
  workingDirectory,
  stopSeconds,
}: ServiceDefinition): string {
  const variables = Object.entries(environment).map(
    ([name, value]) => `Environment=${quoted(`${name}=${value}`)}`,
  );
  return `[Unit]
Description=codexd, one local daemon for every Codex client
StartLimitIntervalSec=60
# After five crashes the daemon starts without MCP servers, which is to be seen before systemd gives up.
StartLimitBurst=10

[Service]
Type=notify
# The news comes from systemd-notify, a program of its own.
NotifyAccess=all
WatchdogSec=60
ExecStart=${[quoted(program), ...args.map(argument)].join(' ')}
WorkingDirectory=${specifiersEscaped(workingDirectory)}
${variables.join('\n')}
Restart=on-failure
RestartSec=2
# Wrong usage does not get better.
RestartPreventExitStatus=2
# The daemon drains and ends its commands itself; what is left then is killed.
KillMode=mixed
TimeoutStopSec=${stopSeconds}
# A command that runs out of memory must not end the daemon.
OOMPolicy=continue
UMask=0077
LimitNOFILE=65536
LimitCORE=0
# Commands are confined with user namespaces, for which some machines have a setuid bubblewrap.
NoNewPrivileges=no

[Install]
WantedBy=default.target
`;
}

/** Takes the program itself as it stands: in it, unlike in arguments, `$` means nothing. */
function quoted(text: string): string {
  const escaped = text.replace(/[\\"]/g, '\\$&').replace(/[\n\r\t]/g, (control) => CONTROLS[control] ?? '');
  return `"${specifiersEscaped(escaped)}"`;
}

const CONTROLS: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const argument = (text: string): string => quoted(text.replaceAll('$', '$$$$'));

const specifiersEscaped = (text: string): string => text.replaceAll('%', '%%');
