import { foldersAbove } from './containment.ts';
import type { Access } from './policy.ts';

/**
 * `pin`: a writable folder that itself may be neither renamed nor removed. Without it a command could move away the
 * folder around a protected path and put its own in place.
 */
export type Treatment = 'write' | 'pin' | 'read' | 'hide-folder' | 'hide-file';

export interface Rule {
  readonly path: string;
  readonly treatment: Treatment;
}

/** Absolute, without symbolic links, and there. */
export interface HiddenPath {
  readonly path: string;
  readonly isFolder: boolean;
}

/** What differs from "everything may be read, nothing written", outer paths first, so that the last that fits counts. */
export function layOut({ writableRoots }: Access, hidden: readonly HiddenPath[]): Rule[] {
  const rules = new Map<string, Treatment>();
  for (const { root } of writableRoots) rules.set(root, 'write');
  for (const path of writableRoots.flatMap((root) => root.readOnlyBelow)) rules.set(path, 'read');
  for (const { path, isFolder } of hidden) rules.set(path, isFolder ? 'hide-folder' : 'hide-file');
  for (const path of [...rules.keys()]) {
    for (const folder of writableFoldersAbove(path, rules)) rules.set(folder, 'pin');
  }
  return [...rules]
    .map(([path, treatment]) => ({ path, treatment }))
    .sort((one, other) => one.path.length - other.path.length);
}

/** The folders between a path and the rule around it, when that rule makes them writable. */
function writableFoldersAbove(path: string, rules: ReadonlyMap<string, Treatment>): string[] {
  const above = foldersAbove(path);
  const next = above.findIndex((folder) => rules.has(folder));
  const around = rules.get(above[next] ?? '');
  return around === 'write' || around === 'pin' ? above.slice(0, next) : [];
}
