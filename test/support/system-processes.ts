import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface SystemProcess {
  readonly pid: number;
  readonly parent: number;
  /** One letter; `Z` is a zombie. */
  readonly state: string;
  readonly command: string;
  /** Empty where it may not be known, and for a zombie. */
  readonly cwd: string;
}

/** Every process of the machine, from `/proc`, read with nothing of the daemon's. */
export function systemProcesses(): SystemProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(Number(pid)));
}

function readProcess(pid: number): SystemProcess[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return [{ pid, parent: Number(parent), state, command, cwd: readCwd(pid) }];
  } catch {
    return [];
  }
}

function readCwd(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** The daemon's watchdog is no child that it works with, and there for all its life. */
export const isWatchdog = ({ command }: SystemProcess): boolean => command.includes('codexd-watchdog');

export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

export function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}
