import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../../core/config/load.ts';
import { resolveConfig } from '../../core/config/resolve.ts';
import type { Config } from '../../core/config/types.ts';
import { detectSandbox } from '../../core/sandbox/detect.ts';
import type { Home } from '../../daemon/home.ts';
import { systemErrorCode } from '../../daemon/operator-error.ts';
import type { Finding } from './finding.ts';

type Found = Omit<Finding, 'name'>;

const OLDEST_NODE = [22, 19] as const;

export async function checkNode(): Promise<Found> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_NODE;
  const isNew = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  const detail = `Node ${process.versions.node} at ${process.execPath}`;
  if (isNew) return { state: 'ok', detail };
  return { state: 'problem', detail, remedy: `Install Node ${OLDEST_NODE.join('.')} or later.` };
}

/** Who else may write where the credentials are. */
export async function checkHome({ codexHome, folder }: Home): Promise<Found> {
  const paths = [codexHome, folder, join(codexHome, 'auth.json')];
  const open: string[] = [];
  for (const [index, path] of paths.entries()) {
    const mode = await modeOf(path);
    // The home itself may be read by others, as the Codex CLI makes it.
    const unwanted = index === 0 ? 0o022 : 0o077;
    if (mode !== undefined && (mode & unwanted) !== 0) open.push(path);
  }
  if (open.length === 0) return { state: 'ok', detail: codexHome };
  return {
    state: 'problem',
    detail: `open to other users: ${open.join(', ')}`,
    remedy: `chmod go-rwx ${open.map((path) => `'${path}'`).join(' ')}`,
  };
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export async function readSettings({ codexHome }: Home): Promise<Config> {
  return resolveConfig({
    file: await loadConfig(codexHome),
    cliOverrides: [],
    processCwd: process.cwd(),
    env: process.env,
  });
}

export async function checkConfig(settings: Promise<Config>): Promise<Found> {
  const { model, modelProvider } = await settings;
  return { state: 'ok', detail: `model ${model} of ${modelProvider.name}` };
}

export async function checkSandbox(): Promise<Found> {
  const status = await detectSandbox(process.env);
  if (status.kind !== 'none') return { state: 'ok', detail: status.kind };
  return { state: 'warning', detail: status.reason, remedy: status.remedy };
}
