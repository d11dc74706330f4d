import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from './load.ts';
import { describeSystemError } from './system-error.ts';

const KEY = 'experimental_instructions_file';

/** Text of `experimental_instructions_file`, trimmed; a relative name starts at the conversation's cwd, as observed. */
export async function readInstructions(name: string, cwd: string): Promise<string> {
  const file = path.resolve(cwd, name);
  const text = (await readText(file)).trim();
  if (text === '')
    throw new ConfigError('value', `experimental instructions file is empty: ${file}`, { key: KEY });
  return text;
}

async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    const reason =
      error instanceof TypeError ? 'stream did not contain valid UTF-8' : describeSystemError(error);
    const message = `failed to read experimental instructions file ${file}: ${reason}`;
    throw new ConfigError('value', message, { key: KEY, cause: error });
  }
}
