import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** Programs that are known by what they run. */
const INTERPRETER = /^(?:node|bun|deno|perl|python|ruby|sh|bash|dash)[\d.]*$/;

const LONGEST = 64;

/**
 * The name of a process's program, with that of the script for one that runs scripts: `codex`, `node cli.js`. Arguments
 * are left out, they may be secret. `undefined` when there is no such process, and where there is no `/proc`.
 */
export async function programOf(pid: number): Promise<string | undefined> {
  const [program = '', script = ''] = (await textOf(`/proc/${pid}/cmdline`)).split('\0');
  const name = basename(program) || (await textOf(`/proc/${pid}/comm`));
  const isScript = INTERPRETER.test(name) && script !== '' && !script.startsWith('-');
  return printable(isScript ? `${name} ${basename(script)}` : name);
}

/** Processes name themselves as they please. */
function printable(name: string): string | undefined {
  const shown = name.trim().replaceAll(/\p{C}/gu, '?').slice(0, LONGEST);
  return shown === '' ? undefined : shown;
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
