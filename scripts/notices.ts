import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/**
 * The licence texts of the packages that these files belong to, for those who get the files bundled.
 *
 * @throws when a package has neither a licence text nor says which licence it has
 */
export function notices(files: readonly string[]): string {
  const folders = new Set(files.flatMap((file) => packageFolder(file) ?? []));
  const texts = [...folders].sort().map(notice);
  return `codexd contains the following packages.\n${texts.join('')}`;
}

function packageFolder(file: string): string | undefined {
  return /^(?:\0[^/]*)?(\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

function notice(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as Package;
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length === 0 && license === undefined)
    throw new Error(`${name} does not say what its licence is`);
  return `\n${'-'.repeat(80)}\n${[`${name} ${version}: ${license ?? 'see below'}`, ...texts].join('\n\n')}\n`;
}
