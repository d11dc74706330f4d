import { readFileSync } from 'node:fs';

/** Read from the package at run time: the sources and the build lie equally deep below it. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
