import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperatorError } from '../../daemon/operator-error.ts';
import { launchdPlist } from './launchd-plist.ts';
import type { ServiceManager, ServiceStatus } from './manager.ts';
import { findTool, type Tool } from './tool.ts';

/** How long the service may take to end, with the longest drain that can be set. */
const UNLOAD_LIMIT_MS = 3_700_000;
const POLL_MS = 200;

/**
 * launchd, with agents of the user's own session (launchctl(1)).
 *
 * @param home of the user
 * @param uid of the user
 * @param logPath shown to people who want to know what the daemon says
 */
export function createLaunchd(
  name: string,
  { home, uid, logPath, env }: { home: string; uid: number; logPath: string; env: NodeJS.ProcessEnv },
): ServiceManager {
  const domain = `gui/${uid}`;
  const target = `${domain}/${name}`;
  const path = join(home, 'Library', 'LaunchAgents', `${name}.plist`);
  const launchctl = findTool('launchctl', env);
  const run = (...args: string[]) => demand(launchctl, args);
  const isLoaded = async () => (await launchctl('print', target)).ok;

  async function unload(): Promise<void> {
    if (!(await isLoaded())) return;
    // It answers before the service has ended, and loading it again fails until then.
    await launchctl('bootout', target);
    const limit = Date.now() + UNLOAD_LIMIT_MS;
    while ((await isLoaded()) && Date.now() < limit) await delay(POLL_MS);
  }

  return {
    kind: 'launchd',
    path,
    logHint: `tail ${logPath}`,
    describe: launchdPlist,
    async assertUsable() {
      const { ok, complaint } = await launchctl('print', domain);
      if (!ok)
        throw new OperatorError(`launchd has no session of this user: ${complaint}. Sign in on its desktop.`);
    },
    async activate(changed) {
      if (changed) await unload();
      await run('enable', target);
      if (!(await isLoaded())) await run('bootstrap', domain, path);
    },
    deactivate: unload,
    forget: async () => {},
    async status() {
      const { ok, stdout } = await launchctl('print', target);
      const disabled = await launchctl('print-disabled', domain);
      return parseStatus(ok ? stdout : '', isDisabled(disabled.stdout, name));
    },
  };
}

async function demand(launchctl: Tool, args: readonly string[]): Promise<void> {
  const { ok, complaint } = await launchctl(...args);
  if (!ok) throw new OperatorError(`launchctl ${args.join(' ')}: ${complaint}`);
}

function parseStatus(printed: string, disabled: boolean): ServiceStatus {
  const [, state = 'not loaded'] = /^\s*state = (.+)$/m.exec(printed) ?? [];
  const [, pid] = /^\s*pid = (\d+)$/m.exec(printed) ?? [];
  return {
    enabled: printed !== '' && !disabled,
    running: state === 'running',
    state,
    pid: pid === undefined ? null : Number(pid),
  };
}

function isDisabled(printed: string, name: string): boolean {
  return printed.split('\n').some((line) => line.includes(`"${name}" => `) && /disabled|true/.test(line));
}
