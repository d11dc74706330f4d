import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** Every file and link below a folder: relative path -> content, `-> target` for links; empty folders end in `/`. */
export function readTree(folder: string): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, file);
    if (entry.isSymbolicLink()) tree[name] = `-> ${readlinkSync(file)}`;
    else if (entry.isFile()) tree[name] = readFileSync(file, 'utf8');
    else if (entry.isDirectory() && readdirSync(file).length === 0) tree[`${name}/`] = '';
  }
  return tree;
}

export const modeOf = (file: string): string => (lstatSync(file).mode & 0o7777).toString(8);
