import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { locateHome } from '../../daemon/home.ts';
import { serviceName } from './definition.ts';
import { createLaunchd } from './launchd.ts';
import type { ServiceManager } from './manager.ts';
import { createSystemd } from './systemd.ts';

export interface ServicePlace {
  readonly manager: ServiceManager;
  readonly name: string;
  readonly codexHome: string;
  /** `$CODEX_HOME/codexd`. */
  readonly folder: string;
  readonly logPath: string;
}

/** The service of this `CODEX_HOME`, with the manager that this machine should have. */
export async function openManager(env: NodeJS.ProcessEnv): Promise<ServicePlace> {
  const { codexHome, folder } = await locateHome(env);
  const name = serviceName(codexHome);
  const logPath = join(folder, 'service.log');
  const home = homedir();
  const manager =
    process.platform === 'darwin'
      ? createLaunchd(name, { home, uid: userInfo().uid, logPath, env })
      : createSystemd(name, home, env);
  return { manager, name, codexHome, folder, logPath };
}
