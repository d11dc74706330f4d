import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'peers');

interface Binaries {
  readonly v0_36: string;
  readonly v0_169: string;
}

/**
 * The binaries of the releases that `peers/package-lock.json` pins, installed when they are not there yet.
 * @throws when this machine has none or npm fails
 */
export async function findPeerBinaries(): Promise<Binaries> {
  const { triple, platform } = machine();
  const modules = join(FOLDER, 'node_modules');
  const binaries = {
    v0_36: join(modules, 'codex-0.36.0', 'bin', `codex-${triple}`),
    v0_169: join(modules, '@openai', `codex-${platform}`, 'vendor', triple, 'bin', 'codex'),
  };
  const isMissing = (): boolean => !Object.values(binaries).every((path) => existsSync(path));
  if (isMissing()) await install();
  if (isMissing()) throw new Error(`the packages in ${FOLDER} have no ${triple}`);
  return binaries;
}

function machine(): { triple: string; platform: string } {
  const cpu = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string];
  const system = { linux: 'unknown-linux-musl', darwin: 'apple-darwin' }[process.platform as string];
  if (cpu === undefined || system === undefined)
    throw new Error(`there are no peers for ${process.platform} ${process.arch}`);
  return { triple: `${cpu}-${system}`, platform: `${process.platform}-${process.arch}` };
}

async function install(): Promise<void> {
  const args = ['ci', '--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund'];
  console.error(`bench: the peers are not installed, running npm ${args.join(' ')}`);
  const npm = spawn('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(npm, 'exit');
  if (code !== 0) throw new Error(`npm ci ended with ${code}`);
}
