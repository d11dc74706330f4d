import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockDescriptor } from '../../../src/core/files/kernel-lock.ts';

const INSTALL_SECONDS = 120;

const FOLDER = dirname(dirname(fileURLToPath(import.meta.url)));

/** The result: where the binary is, or why there is none. */
export type Reference = { readonly binary: string } | { readonly missing: string };

/** Finds the pinned reference, after installing it from the lock file when it is not there yet. */
export async function installReference(): Promise<Reference> {
  const name = binaryName(process.platform, process.arch);
  if (name === undefined) return { missing: `there is no reference for ${process.platform} ${process.arch}` };
  const binary = join(FOLDER, 'node_modules', '@openai', 'codex', 'bin', name);
  if (existsSync(binary)) return { binary };
  // Test files run side by side, and only one of them may install.
  const lock = openSync(join(tmpdir(), 'codexd-interop-install.lock'), 'a+', 0o600);
  try {
    await lockDescriptor(lock, INSTALL_SECONDS);
    return await installAt(binary, name);
  } finally {
    closeSync(lock);
  }
}

async function installAt(binary: string, name: string): Promise<Reference> {
  if (existsSync(binary)) return { binary };
  const failure = await install();
  if (failure !== undefined) return { missing: failure };
  return existsSync(binary) ? { binary } : { missing: `the package has no ${name}` };
}

function binaryName(platform: NodeJS.Platform, arch: string): string | undefined {
  const cpu = { x64: 'x86_64', arm64: 'aarch64' }[arch];
  const system = { linux: 'unknown-linux-musl', darwin: 'apple-darwin' }[platform as string];
  return cpu && system && `codex-${cpu}-${system}`;
}

async function install(): Promise<string | undefined> {
  const command = ['npm', 'ci', '--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund'];
  console.log(`interop: the reference is not installed, running ${command.join(' ')}`);
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'inherit' });
  try {
    const [code] = await once(child, 'exit');
    return code === 0 ? undefined : `npm ci ended with ${code}`;
  } catch (error) {
    return `npm did not start: ${error instanceof Error ? error.message : String(error)}`;
  }
}
