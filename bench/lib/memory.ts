import { readFile } from 'node:fs/promises';

/** Memory of a process in MB, from `/proc`; so this runs on Linux only. */
export interface Memory {
  readonly resident: number;
  /** Highest value since the start of the process. */
  readonly peak: number;
}

const KIB_PER_MB = 1_000_000 / 1024;

export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / KIB_PER_MB;
  return { resident: field('VmRSS'), peak: field('VmHWM') };
}
