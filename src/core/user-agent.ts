import { readFileSync } from 'node:fs';
import os from 'node:os';

/** The release of the Codex CLI whose wire behaviour codexd has; providers and stored files are told this one. */
export const COMPATIBLE_VERSION = '0.36.0';

const DEFAULT_ORIGINATOR = 'codex_cli_rs';

export function originator(env: NodeJS.ProcessEnv): string {
  return env.CODEX_INTERNAL_ORIGINATOR_OVERRIDE || DEFAULT_ORIGINATOR;
}

/** `ORIGINATOR/VERSION (OS VERSION; ARCH) TERMINAL (CLIENT; VERSION)`, as in protocol-v1, section 2. */
export function userAgent(env: NodeJS.ProcessEnv, client: { name: string; version: string }): string {
  const system = `${operatingSystem()}; ${architecture()}`;
  const text = `${originator(env)}/${COMPATIBLE_VERSION} (${system}) ${terminal(env)} (${client.name}; ${client.version})`;
  return text.replace(/[^\x20-\x7e]/g, '_');
}

function terminal(env: NodeJS.ProcessEnv): string {
  if (env.TERM_PROGRAM) {
    return env.TERM_PROGRAM_VERSION ? `${env.TERM_PROGRAM}/${env.TERM_PROGRAM_VERSION}` : env.TERM_PROGRAM;
  }
  return env.TERM || 'unknown';
}

function architecture(): string {
  const arch = os.arch();
  return arch === 'x64' ? 'x86_64' : arch;
}

let system: string | undefined;

function operatingSystem(): string {
  system ??= os.platform() === 'linux' ? linuxRelease() : `${os.type()} ${os.release()}`;
  return system;
}

function linuxRelease(): string {
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? '';
    const id = field('ID');
    const version = [...field('VERSION_ID').split('.').filter(Boolean), '0', '0'].slice(0, 3).join('.');
    return `${id.charAt(0).toUpperCase()}${id.slice(1)} ${version}`;
  } catch {
    return `Linux ${os.release()}`;
  }
}
