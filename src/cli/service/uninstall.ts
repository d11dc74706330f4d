import { type OutputFlags, print } from '../output.ts';
import { openManager } from './open-manager.ts';
import { readServiceFile, removeServiceFile } from './service-file.ts';

export interface UninstallFlags extends OutputFlags {
  readonly dryRun?: boolean;
}

/** `codexd service uninstall`: stops the service and removes it. What the daemon has stored stays. */
export async function uninstallService(flags: UninstallFlags): Promise<number> {
  const { manager, name } = await openManager(process.env);
  const shown = { manager: manager.kind, name, path: manager.path };
  const installed = (await readServiceFile(manager.path)) !== undefined;
  if (flags.dryRun) {
    const text = installed ? `would stop ${name} and remove ${manager.path}` : `${name} is not installed`;
    print(flags, { ...shown, installed }, text);
    return 0;
  }
  if (installed) {
    await manager.assertUsable();
    await manager.deactivate();
    await removeServiceFile(manager.path);
    await manager.forget();
  }
  const text = installed ? `removed the service ${name}` : `${name} is not installed`;
  print(flags, { ...shown, changed: installed }, text);
  return 0;
}
