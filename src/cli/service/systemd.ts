import { join } from 'node:path';
import { OperatorError } from '../../daemon/operator-error.ts';
import type { ServiceManager, ServiceStatus } from './manager.ts';
import { systemdUnit } from './systemd-unit.ts';
import { findTool, NoToolError, type Tool } from './tool.ts';

/**
 * The user's own systemd (systemctl(1)).
 *
 * @param home of the user
 */
export function createSystemd(name: string, home: string, env: NodeJS.ProcessEnv): ServiceManager {
  const unit = `${name}.service`;
  const systemctl = findTool('systemctl', env);
  const run = (...args: string[]) => demand(systemctl, args);
  return {
    kind: 'systemd',
    path: join(env.XDG_CONFIG_HOME || join(home, '.config'), 'systemd', 'user', unit),
    logHint: `journalctl --user -u ${unit}`,
    describe: systemdUnit,
    assertUsable: () => assertUsable(systemctl),
    async activate(changed) {
      await run('daemon-reload');
      await run('enable', unit);
      await run(changed ? 'restart' : 'start', unit);
    },
    deactivate: () => run('disable', '--now', unit),
    async forget() {
      await run('daemon-reload');
      // It fails for a unit that has never failed.
      await systemctl('--user', 'reset-failed', unit);
    },
    status: async () => parseStatus(await systemctl('--user', 'show', unit, `--property=${PROPERTIES}`)),
  };
}

const PROPERTIES = 'ActiveState,SubState,UnitFileState,MainPID';

async function assertUsable(systemctl: Tool): Promise<void> {
  const { ok, complaint } = await systemctl('--user', 'show', '--property=Version').catch((error) => {
    throw error instanceof NoToolError ? noManager(error) : error;
  });
  if (ok) return;
  throw new OperatorError(
    `systemd serves no services of this user here: ${complaint}. Sign in as that user, without su or sudo; ` +
      'on a machine without logins: loginctl enable-linger, and XDG_RUNTIME_DIR=/run/user/$(id -u)',
  );
}

function noManager(cause: Error): OperatorError {
  return new OperatorError(
    `This machine has neither systemd nor launchd (${cause.message}). ` +
      'Let its own supervisor run: codexd serve. For one daemon until the next restart: codexd url --start',
    { cause },
  );
}

async function demand(systemctl: Tool, args: readonly string[]): Promise<void> {
  const { ok, complaint } = await systemctl('--user', ...args);
  if (!ok) throw new OperatorError(`systemctl --user ${args.join(' ')}: ${complaint}`);
}

function parseStatus({ stdout }: { stdout: string }): ServiceStatus {
  const found = Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=', 2)),
  ) as Record<string, string | undefined>;
  const state = found.SubState === 'auto-restart' ? 'restarting' : (found.ActiveState ?? 'unknown');
  const pid = Number(found.MainPID ?? 0);
  return {
    enabled: found.UnitFileState === 'enabled',
    running: state === 'active',
    state,
    pid: pid === 0 ? null : pid,
  };
}
